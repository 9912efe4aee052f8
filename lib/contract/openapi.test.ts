import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import * as z from 'zod';
import { routes } from './index.ts';
import { openapi } from './openapi.ts';
import { aliases } from './route.ts';

const OperationSchema = z.looseObject({ operationId: z.string() });
const PathsSchema = z.record(z.string(), z.record(z.string(), OperationSchema));

const document = z
  .looseObject({ openapi: z.string(), paths: PathsSchema })
  .parse(JSON.parse(JSON.stringify(openapi())));

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(document)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('is refused by the same validator once it is broken', async () => {
    const broken = { ...document, paths: { '/crm/clients': { get: { parameters: [{ in: 'nowhere' }] } } } };
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
  });

  it('describes every route at each of its addresses, and nothing else', () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const declared = routes.flatMap(({ method, path }) => [path, ...aliases(path)].map((at) => `${method} ${at}`));
    expect(described.toSorted()).toEqual(declared.toSorted());
  });

  it('gives every operation a name of its own', () => {
    const ids = Object.values(document.paths).flatMap((operations) =>
      Object.values(operations).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('declares every parameter that is in a path', () => {
    const ParametersSchema = z.object({
      parameters: z.array(z.looseObject({ in: z.string(), name: z.string() })).default([]),
    });
    for (const [path, operations] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const operation of Object.values(operations)) {
        const { parameters } = ParametersSchema.parse(operation);
        expect(parameters.flatMap((each) => (each.in === 'path' ? [each.name] : []))).toEqual(named);
      }
    }
  });

  it('asks for a token where a permission is needed, and nowhere else', () => {
    for (const { method, path, permission } of routes) {
      const security = document.paths[path]?.[method.toLowerCase()]?.security;
      expect(security).toEqual(permission === null ? [] : [{ bearer: [] }]);
    }
  });
});
