import type * as z from 'zod';
import { Failure, notFound } from '../domain/failure.ts';
import { BODY_LIMIT, type HttpEvent } from './edge.ts';

/** The body as the client sent it: HTTP APIs hand over what is not text in base64, the local server does not. */
export const rawBody = (event: HttpEvent): string => {
  const body = event.body ?? '';
  const text = event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  if (Buffer.byteLength(text) > BODY_LIMIT) throw new Failure('request.too-large', 'A request body has at most 1 MB.');
  return text;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** No lone surrogate, which the table and providers would replace or refuse, and no name that is lost on the way. */
const isClean = (value: unknown): boolean => {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, each]) => name !== '__proto__' && name.isWellFormed() && isClean(each));
};

const jsonBody = (event: HttpEvent): unknown => {
  const text = rawBody(event);
  if (text === '') return undefined;
  const type = (event.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json' && !type.endsWith('+json')) {
    throw new Failure('request.media-type', 'Send the body as application/json.');
  }
  const parsed = parseJson(text);
  if (parsed === undefined) throw new Failure('request.malformed', 'The body is not valid JSON.');
  if (!isClean(parsed))
    throw new Failure('request.malformed', 'The body holds half a character or a name like __proto__.');
  return parsed;
};

const pointer = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** An unknown field is reported by its own pointer, every other issue where it is. */
const describe = (issue: z.core.$ZodIssue): { pointer: string; detail: string }[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ pointer: pointer([...issue.path, key]), detail: 'is not a known field' }))
    : [{ pointer: pointer(issue.path), detail: issue.message }];

const parse = <Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap(describe);
  throw new Failure('request.invalid', `The ${what} is not valid: see errors.`, { errors });
};

export const parseBody = <Schema extends z.ZodType>(schema: Schema, event: HttpEvent): z.output<Schema> => {
  const body = jsonBody(event);
  const expected = !schema.safeParse(undefined).success;
  if (body === undefined && expected) {
    throw new Failure('request.invalid', 'A JSON body is required.', {
      errors: [{ pointer: '', detail: 'is missing' }],
    });
  }
  return parse(schema, body, 'body');
};

export const parseQuery = <Schema extends z.ZodType>(schema: Schema, event: HttpEvent): z.output<Schema> =>
  parse(schema, event.queryStringParameters ?? {}, 'query');

/** An address with an id of no valid form leads to nothing, like one with an id that never existed. */
export const parseParams = <Schema extends z.ZodType>(schema: Schema, event: HttpEvent): z.output<Schema> => {
  const parsed = schema.safeParse(event.pathParameters ?? {});
  if (!parsed.success) throw notFound();
  return parsed.data;
};

/** Versions begin with 1. */
const NO_VERSION = 0;

/** The version in `If-Match`; undefined when any will do. @throws Failure for what is not an ETag of ours */
export const ifMatch = (event: HttpEvent): number | undefined => {
  const header = event.headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  const version = /^\s*(W\/)?"(\d+)"\s*$/.exec(header);
  if (version === null) throw new Failure('request.malformed', 'If-Match takes the ETag of your last read.');
  // A weak tag never matches. https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
  return version[1] === undefined ? Number(version[2]) : NO_VERSION;
};

/** @throws Failure `request.malformed` for a key that is empty, too long or not printable */
export const idempotencyKeyOf = (event: HttpEvent): string | undefined => {
  const key = event.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Failure('request.malformed', 'An Idempotency-Key has 1 to 255 printable characters without spaces.');
};
