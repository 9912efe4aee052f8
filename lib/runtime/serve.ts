import type * as z from 'zod';
import { v7 as uuidv7 } from 'uuid';
import { environment } from '../config/environment.ts';
import { allows } from '../contract/permissions.ts';
import type { Route } from '../contract/route.ts';
import type { Act } from '../domain/act.ts';
import { Failure } from '../domain/failure.ts';
import {
  AnsweredBefore,
  once,
  refuseRepeated,
  rememberAnswer,
  untilAnswered,
  type Answer,
  type Once,
} from '../table/idempotency.ts';
import type { Step } from '../table/transaction.ts';
import { subjectsOf } from './answer-subject.ts';
import { authenticate, type Caller } from './auth.ts';
import { edge, requestIdOf, type HttpAnswer, type HttpEvent } from './edge.ts';
import { limitCaller } from './limit.ts';
import { logger } from './logger.ts';
import { idempotencyKeyOf, ifMatch, parseBody, parseParams, parseQuery } from './request.ts';

/** What a handler answers; checked against the route's schema before it leaves. */
export interface Reply<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = <Body>(body: Body): Reply<Body> => ({ status: 200, body });
export const created = <Body>(body: Body, location: string): Reply<Body> => ({
  status: 201,
  body,
  headers: { location },
});
export const accepted = <Body>(body: Body, location: string): Reply<Body> => ({
  status: 202,
  body,
  headers: { location },
});
/** To an address elsewhere, which is good for a while. */
export const redirect = (location: string): Reply<undefined> => ({
  status: 302,
  body: undefined,
  headers: { location },
});
export const noContent = (): Reply<undefined> => ({ status: 204, body: undefined });

interface Parsed<R extends Route> {
  readonly params: z.output<R['params']>;
  readonly query: z.output<R['query']>;
  readonly body: z.output<R['body']>;
}

type ReplyTo<R extends Route> = Reply<z.input<R['result']>>;

/** What a handler of a protected route is given. */
export interface Request<R extends Route> extends Parsed<R> {
  readonly caller: Caller;
  readonly act: Act;
  /** The version the caller last read, where it says so. */
  readonly ifMatch: number | undefined;
  /** The use of an Idempotency-Key, where there is one. */
  readonly once: Once | undefined;
  /** Put first in the transaction that does what was asked, so that it is done once. */
  readonly remember: (reply: ReplyTo<R>) => Step[];
}

const render = (route: Route, reply: Reply<unknown>): Answer => {
  if (!route.statuses.includes(reply.status)) throw new Error(`${route.id} does not declare status ${reply.status}.`);
  const body = route.result.parse(reply.body);
  const version =
    typeof body === 'object' && body !== null && 'version' in body && typeof body.version === 'number'
      ? body.version
      : undefined;
  return {
    status: reply.status,
    body,
    headers: { ...reply.headers, ...(version !== undefined && { etag: `"${version}"` }) },
  };
};

const answer = ({ status, body, headers }: Answer): HttpAnswer => ({
  statusCode: status,
  headers: {
    'cache-control': 'no-store',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...headers,
  },
  ...(body !== undefined && { body: JSON.stringify(body) }),
});

const parse = <R extends Route>(route: R, event: HttpEvent): Parsed<R> => ({
  params: parseParams<R['params']>(route.params, event),
  query: parseQuery<R['query']>(route.query, event),
  body: parseBody<R['body']>(route.body, event),
});

const authorize = async (route: Route, event: HttpEvent): Promise<Caller> => {
  const caller = await authenticate(event.headers.authorization);
  limitCaller(caller);
  logger.appendKeys({ tenant: caller.tenant, user: caller.userId, route: route.id });
  if (route.permission !== null && !allows(caller.role, route.permission)) {
    throw new Failure('permission.missing', `This takes the permission ${route.permission}.`, {
      permission: route.permission,
    });
  }
  return caller;
};

const actOf = (caller: Caller, event: HttpEvent): Act => ({
  tenant: caller.tenant,
  actor: { type: 'user', id: caller.userId },
  correlationId: requestIdOf(event),
  now: () => new Date(),
  newId: () => uuidv7(),
});

const onceOf = (route: Route, caller: Caller, event: HttpEvent, { params, body }: Parsed<Route>): Once | undefined => {
  const key = route.creates ? idempotencyKeyOf(event) : undefined;
  if (key === undefined) return undefined;
  return once({ user: caller.userId, route: route.id, key, request: [params, body ?? null], now: new Date() });
};

/** A handler for a route that asks for a token. Everything the contract says of requests and answers happens here. */
export const serve = <R extends Route>(route: R, handle: (request: Request<R>) => Promise<ReplyTo<R>>) =>
  edge(async (event) => {
    const caller = await authorize(route, event);
    const parsed = parse(route, event);
    const use = onceOf(route, caller, event, parsed);
    const remember = (reply: ReplyTo<R>): Step[] =>
      use === undefined
        ? []
        : rememberAnswer(caller.tenant, use, render(route, reply), subjectsOf(route, parsed.params, reply.body));
    try {
      const request = { ...parsed, caller, act: actOf(caller, event), ifMatch: ifMatch(event), once: use, remember };
      const reply = await untilAnswered(environment().PROVIDER_TIMEOUT_SECONDS, async () => {
        if (use !== undefined) await refuseRepeated(caller.tenant, use);
        return handle(request).catch(async (error: unknown) => {
          // What this request met may be what the first one with its key has done meanwhile.
          if (use !== undefined && error instanceof Failure) await refuseRepeated(caller.tenant, use);
          throw error;
        });
      });
      return answer(render(route, reply));
    } catch (error) {
      if (!(error instanceof AnsweredBefore)) throw error;
      return answer({ ...error.answer, headers: { ...error.answer.headers, 'idempotency-replayed': 'true' } });
    }
  });

/** A handler for a route that asks for no token. */
export const serveOpen = <R extends Route>(route: R, handle: (request: Parsed<R>) => Promise<ReplyTo<R>>) =>
  edge(async (event) => answer(render(route, await handle(parse(route, event)))));
