import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { catalogue } from '../lib/events/catalogue.ts';
import { findStale, generate } from './generate.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-generate-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const schemaOf = (type: string): unknown => JSON.parse(readFileSync(join(root, `docs/events/${type}.json`), 'utf8'));

describe('generated documents', () => {
  it('are current once written, and the same each time', () => {
    generate(root);
    const first = readFileSync(join(root, 'docs/openapi.json'), 'utf8');
    generate(root);
    expect(readFileSync(join(root, 'docs/openapi.json'), 'utf8')).toBe(first);
    expect(findStale(root)).toEqual([]);
  });

  it('are all stale where nothing is written yet', () => {
    expect(findStale(root)).toHaveLength(1 + Object.keys(catalogue).length);
  });

  it('are named when they differ from the schemas', () => {
    generate(root);
    writeFileSync(join(root, 'docs/openapi.json'), '{}\n');
    expect(findStale(root)).toEqual(['docs/openapi.json']);
  });

  it('go when their event does', () => {
    generate(root);
    writeFileSync(join(root, 'docs/events/ClientForgotten.json'), '{}\n');
    expect(findStale(root)).toEqual(['docs/events/ClientForgotten.json']);
    generate(root);
    expect(findStale(root)).toEqual([]);
  });
});

describe('the schema of an event', () => {
  it.each(Object.keys(catalogue))('says what %s means and carries', (type) => {
    generate(root);
    expect(schemaOf(type)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: type,
      description: expect.stringMatching(/^[A-Z].*\.$/),
      properties: { id: {}, tenantId: {}, occurredAt: {}, actor: {}, correlationId: {}, subject: {}, data: {} },
    });
  });

  it('lets an event gain fields', () => {
    generate(root);
    expect(JSON.stringify(schemaOf('ClientCreated'))).not.toContain('"additionalProperties":false');
  });

  it('can be read back by who validates with it', () => {
    generate(root);
    const schema = z.looseObject({ type: z.literal('object') }).parse(schemaOf('MessageReceived'));
    expect(z.fromJSONSchema(schema).safeParse({}).success).toBe(false);
  });
});
