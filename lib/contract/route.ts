import * as z from 'zod';
import type { Permission } from './permissions.ts';
import type { ProblemCode } from './problems.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

type Shape = z.ZodObject;

/**
 * One endpoint: the single source of its handler's types and validation, its OpenAPI operation and the console's client.
 *
 * `creates` marks a POST that honours `Idempotency-Key`.
 */
export interface Route<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
> {
  readonly id: string;
  readonly method: Method;
  readonly path: `/${string}`;
  readonly tag: string;
  readonly summary: string;
  /** `null`: no token is asked for. */
  readonly permission: Permission | null;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly result: Result;
  readonly statuses: readonly number[];
  readonly problems: readonly ProblemCode[];
  readonly creates: boolean;
}

const nothing = z.strictObject({});
/** No body; an empty object, which some clients always send, is none either. */
export const noBody = z.strictObject({}).optional();
export const noResult = z.undefined();

interface Definition<Params, Query, Body, Result> extends Omit<
  Route,
  'params' | 'query' | 'body' | 'result' | 'statuses' | 'problems' | 'creates'
> {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly result?: Result;
  /** 200, or 204 where there is no result, unless said otherwise. */
  readonly statuses?: readonly number[];
  readonly problems?: readonly ProblemCode[];
  readonly creates?: boolean;
}

/** Declares an endpoint; what is left out is empty. */
export function route<
  Params extends Shape = typeof nothing,
  Query extends Shape = typeof nothing,
  Body extends z.ZodType = typeof noBody,
  Result extends z.ZodType = typeof noResult,
>(definition: Definition<Params, Query, Body, Result>): Route<Params, Query, Body, Result>;
export function route(definition: Definition<Shape, Shape, z.ZodType, z.ZodType>): Route {
  return {
    params: nothing,
    query: nothing,
    body: noBody,
    result: noResult,
    statuses: [definition.result === undefined ? 204 : 200],
    problems: [],
    creates: false,
    ...definition,
  };
}

/** Where the same endpoints are found by those who say customers for clients. */
export const aliases = (path: string): string[] => {
  if (/^\/crm\/clients(\/|$)/.test(path)) return [path.replace('/crm/clients', '/api/customers')];
  if (/^\/crm\/stats(\/|$)/.test(path))
    return [path.replace('/crm/stats', '/api/stats').replace('clients', 'customers')];
  return [];
};

/** `?limit=1..100&cursor=` of every list. */
export const PageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50).meta({ description: 'How many items at most' }),
  cursor: z.string().min(1).max(4096).optional().meta({ description: 'nextCursor of the page before' }),
});

/** A page. It may be shorter than its limit; only `nextCursor: null` ends a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
