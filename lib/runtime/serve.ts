import type * as z from 'zod';
import { v7 as uuidv7 } from 'uuid';
import { environment } from '../config/environment.ts';
import { allows } from '../contract/permissions.ts';
import type { Route } from '../contract/route.ts';
import type { Act } from '../domain/act.ts';
import { Failure } from '../domain/failure.ts';
import { shownName } from '../domain/user.ts';
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
import { admit } from './admit.ts';
import { subjectsOf } from './answer-subject.ts';
import { authenticate, type Caller } from './auth.ts';
import { edge, requestIdOf, type HttpAnswer, type HttpEvent } from './edge.ts';
import { limitAddress, limitCaller } from './limit.ts';
import { logger } from './logger.ts';
import { idempotencyKeyOf, ifMatch, parseBody, parseParams, parseQuery } from './request.ts';

/** What a handler answers; checked against the route's schema before it leaves. */
export interface Reply<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers?: Readonly<Record<string, string>>;
  /** The same as a table, for who asked for that. */
  readonly csv?: string;
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
  /** Which kinds of answers the caller takes, best first or not. */
  readonly accept: string;
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

/** A table tells what the body does, which is checked all the same. */
const answerTo = (route: Route, reply: Reply<unknown>): HttpAnswer => {
  const rendered = answer(render(route, reply));
  return reply.csv === undefined
    ? rendered
    : { ...rendered, headers: { ...rendered.headers, 'content-type': 'text/csv; charset=utf-8' }, body: reply.csv };
};

const parse = <R extends Route>(route: R, event: HttpEvent): Parsed<R> => ({
  params: parseParams<R['params']>(route.params, event),
  query: parseQuery<R['query']>(route.query, event),
  body: parseBody<R['body']>(route.body, event),
});

const actOf = (caller: Caller, event: HttpEvent): Act => ({
  tenant: caller.tenant,
  actor: { type: 'user', id: caller.userId },
  correlationId: requestIdOf(event),
  now: () => new Date(),
  newId: () => uuidv7(),
});

const authorize = async (route: Route, event: HttpEvent): Promise<Caller> => {
  const verified = await authenticate(event.headers.authorization).catch((error: unknown) => {
    // Whoever has no good token is counted by its address.
    if (error instanceof Failure && error.code === 'token.invalid') limitAddress(event.requestContext.http.sourceIp);
    throw error;
  });
  logger.appendKeys({ tenant: verified.tenant, user: verified.userId, route: route.id });
  const [user] = await Promise.all([admit(actOf(verified, event), verified), limitCaller(verified)]);
  if (route.permission !== null && !allows(verified.role, route.permission)) {
    throw new Failure('permission.missing', `This takes the permission ${route.permission}.`, {
      permission: route.permission,
    });
  }
  return { ...verified, name: shownName(user) ?? verified.name };
};

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
      const accept = event.headers.accept ?? '';
      const act = actOf(caller, event);
      const request = { ...parsed, caller, act, ifMatch: ifMatch(event), accept, once: use, remember };
      const reply = await untilAnswered(environment().PROVIDER_TIMEOUT_SECONDS, async () => {
        if (use !== undefined) await refuseRepeated(caller.tenant, use);
        return handle(request).catch(async (error: unknown) => {
          // What this request met may be what the first one with its key has done meanwhile.
          if (use !== undefined && error instanceof Failure) await refuseRepeated(caller.tenant, use);
          throw error;
        });
      });
      return answerTo(route, reply);
    } catch (error) {
      if (!(error instanceof AnsweredBefore)) throw error;
      return answer({ ...error.answer, headers: { ...error.answer.headers, 'idempotency-replayed': 'true' } });
    }
  });

/** A handler for a route that asks for no token. */
export const serveOpen = <R extends Route>(route: R, handle: (request: Parsed<R>) => Promise<ReplyTo<R>>) =>
  edge(async (event) => {
    limitAddress(event.requestContext.http.sourceIp);
    return answer(render(route, await handle(parse(route, event))));
  });
