import * as z from 'zod';
import { httpEvent } from '../../test/support/builders.ts';
import { Failure } from '../domain/failure.ts';
import { idempotencyKeyOf, ifMatch, parseBody, parseParams, parseQuery, rawBody } from './request.ts';

const NewThingSchema = z.strictObject({
  name: z.string().min(1),
  parts: z.array(z.strictObject({ 'a/b~c': z.number() })).optional(),
});
const json = (body: unknown, contentType = 'application/json') =>
  httpEvent({ method: 'POST', body, headers: { 'content-type': contentType } });

const failureOf = (work: () => unknown): Failure => {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
};
const pointersOf = ({ particulars }: Failure): string[] => (particulars.errors ?? []).map(({ pointer }) => pointer);

describe('a body', () => {
  it('is read by its schema', () => {
    expect(parseBody(NewThingSchema, json({ name: 'Ana' }))).toEqual({ name: 'Ana' });
    expect(parseBody(NewThingSchema, json({ name: 'Ana' }, 'Application/Problem+JSON; charset=utf-8'))).toEqual({
      name: 'Ana',
    });
  });

  it('that the gateway encoded is the same, whatever is in it', () => {
    const body = JSON.stringify({ name: 'Žana ☺ + 100%' });
    const encoded = { ...json(Buffer.from(body).toString('base64')), isBase64Encoded: true };
    expect(parseBody(NewThingSchema, encoded)).toEqual({ name: 'Žana ☺ + 100%' });
    expect(rawBody(encoded)).toBe(body);
    expect(rawBody({ ...encoded, isBase64Encoded: false })).not.toBe(body);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', '', 'json', 'application/jsonp'])(
    'of type %p is refused',
    (contentType) => {
      expect(failureOf(() => parseBody(NewThingSchema, json({ name: 'Ana' }, contentType))).code).toBe(
        'request.media-type',
      );
    },
  );

  it.each(['{', '{"name":"Ana"', "{'name':'Ana'}", 'Ana', '{"name":"Ana"}{}', ' '])(
    'that is no JSON, %p, is refused',
    (body) => {
      expect(failureOf(() => parseBody(NewThingSchema, json(body))).code).toBe('request.malformed');
    },
  );

  it('of more than 1 MB is refused, counted in bytes and after decoding', () => {
    const fits = JSON.stringify({ name: 'x'.repeat(1024 * 1024 - 11) });
    expect(Buffer.byteLength(fits)).toBe(1024 * 1024);
    expect(parseBody(NewThingSchema, json(fits)).name).toHaveLength(1024 * 1024 - 11);
    const encoded = { ...json(Buffer.from(`${fits} `).toString('base64')), isBase64Encoded: true };
    for (const event of [json(`${fits} `), json(fits.replace('xx', 'ž') + ' '), encoded]) {
      expect(failureOf(() => parseBody(NewThingSchema, event)).code).toBe('request.too-large');
    }
  });

  it('that is wrong says where, with unknown fields by their own pointers', () => {
    const failure = failureOf(() => parseBody(NewThingSchema, json({ name: '', extra: 1, 'x/y~z': 2 })));
    expect(failure.code).toBe('request.invalid');
    expect(pointersOf(failure).toSorted()).toEqual(['/extra', '/name', '/x~1y~0z']);
    const nested = failureOf(() =>
      parseBody(NewThingSchema, json({ name: 'Ana', parts: [{ 'a/b~c': 'one' }, { b: 2 }] })),
    );
    expect(pointersOf(nested).toSorted()).toEqual(['/parts/0/a~1b~0c', '/parts/1/a~1b~0c', '/parts/1/b']);
  });

  it.each([null, 1, 'x', []])('that is %j instead of an object is refused as a whole', (body) => {
    expect(pointersOf(failureOf(() => parseBody(NewThingSchema, json(JSON.stringify(body)))))).toEqual(['']);
  });

  it('is asked for where the route has one, and refused where it has none', () => {
    expect(failureOf(() => parseBody(NewThingSchema, httpEvent({ method: 'POST' })))).toMatchObject({
      code: 'request.invalid',
      particulars: { errors: [{ pointer: '', detail: 'is missing' }] },
    });
    expect(() => parseBody(z.undefined(), httpEvent({ method: 'POST' }))).not.toThrow();
    const refused = failureOf(() => {
      parseBody(z.undefined(), json({}));
    });
    expect(refused.code).toBe('request.invalid');
    expect(parseBody(NewThingSchema.optional(), httpEvent({ method: 'PUT' }))).toBeUndefined();
  });
});

describe('a query', () => {
  const QuerySchema = z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(50) });

  it('is read by its schema, with its defaults', () => {
    expect(parseQuery(QuerySchema, httpEvent({ query: { limit: '7' } }))).toEqual({ limit: 7 });
    expect(parseQuery(QuerySchema, httpEvent({}))).toEqual({ limit: 50 });
  });

  it.each([{ limit: '0' }, { limit: 'ten' }, { limit: '101' }, { limt: '5' }])('of %j is refused', (query) => {
    const failure = failureOf(() => parseQuery(QuerySchema, httpEvent({ query })));
    expect([failure.code, ...pointersOf(failure)]).toEqual(['request.invalid', `/${Object.keys(query).join()}`]);
  });
});

describe('an address', () => {
  const ParamsSchema = z.strictObject({ id: z.uuid() });

  it('with an id of no valid form leads to nothing, like one with an id that never existed', () => {
    const id = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';
    expect(parseParams(ParamsSchema, httpEvent({ params: { id } }))).toEqual({ id });
    for (const params of [{ id: '1' }, { id: `${id}'` }, {}]) {
      expect(failureOf(() => parseParams(ParamsSchema, httpEvent({ params }))).code).toBe('resource.not-found');
    }
  });
});

describe('If-Match', () => {
  const of = (header: string) => ifMatch(httpEvent({ headers: { 'if-match': header } }));

  it.each([
    ['"7"', 7],
    [' "12" ', 12],
    // Weak tags match nothing, and no version is 0.
    ['W/"7"', 0],
    ['*', undefined],
  ])('%s means version %p', (header, version) => {
    expect(of(header)).toBe(version);
    expect(ifMatch(httpEvent({}))).toBeUndefined();
  });

  it.each(['7', '"seven"', '""', '"1", "2"', ''])('%p is no ETag of ours', (header) => {
    expect(failureOf(() => of(header)).code).toBe('request.malformed');
  });
});

describe('an Idempotency-Key', () => {
  const of = (header: string) => idempotencyKeyOf(httpEvent({ headers: { 'idempotency-key': header } }));

  it('is any printable word', () => {
    expect(idempotencyKeyOf(httpEvent({}))).toBeUndefined();
    expect(of('a-1#"{}~')).toBe('a-1#"{}~');
    expect(of('x'.repeat(255))).toHaveLength(255);
  });

  it.each(['', ' ', 'two words', 'žana', 'x'.repeat(256), 'tab\there'])('cannot be %p', (header) => {
    expect(failureOf(() => of(header)).code).toBe('request.malformed');
  });
});
