import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { catalogue } from '../lib/events/catalogue.ts';
import { findStale, generate } from './generate.ts';

let root = '';

const makeRoot = (): void => {
  root = mkdtempSync(join(tmpdir(), 'parley-generate-'));
};
const removeRoot = (): void => {
  rmSync(root, { recursive: true });
};

const schemaOf = (type: string): unknown => JSON.parse(readFileSync(join(root, `docs/events/${type}.json`), 'utf8'));

describe('generated documents', () => {
  beforeEach(makeRoot);
  afterEach(removeRoot);

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
  beforeAll(() => {
    makeRoot();
    generate(root);
  });
  afterAll(removeRoot);

  it.each(Object.keys(catalogue))('says what %s means and carries', (type) => {
    expect(schemaOf(type)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: type,
      description: expect.stringMatching(/^[A-Z].*\.$/),
      properties: { id: {}, tenantId: {}, occurredAt: {}, actor: {}, correlationId: {}, subject: {}, data: {} },
    });
  });

  it('lets an event gain fields', () => {
    expect(JSON.stringify(schemaOf('ClientCreated'))).not.toContain('"additionalProperties":false');
  });

  it('can be read back by who validates with it', () => {
    const schema = z.looseObject({ type: z.literal('object') }).parse(schemaOf('MessageReceived'));
    expect(z.fromJSONSchema(schema).safeParse({}).success).toBe(false);
  });
});
