import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type * as z from 'zod';

export interface SimulatorRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** The `:names` of the route's pattern. */
  readonly params: Readonly<Record<string, string>>;
}

export interface SimulatorAnswer {
  readonly status: number;
  /** JSON, or bytes with their content type. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: string;
  /** As in `/bot:token/:method`; a name stands for a part of a path without slashes. */
  readonly pattern: string;
  readonly handle: (request: SimulatorRequest) => SimulatorAnswer | Promise<SimulatorAnswer>;
}

/** What the caller did wrong, in words. */
export class BadRequestError extends Error {
  override readonly name = 'BadRequestError';
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): SimulatorAnswer => ({
  status,
  body,
  headers: { 'content-type': 'application/json', ...headers },
});

/** Parses a JSON body. */
export const parseBody = <Schema extends z.ZodType>(schema: Schema, { body }: SimulatorRequest): z.output<Schema> => {
  let value: unknown;
  try {
    value = JSON.parse(body.toString() || '{}');
  } catch {
    throw new BadRequestError('the body is not JSON');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BadRequestError(
    parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; '),
  );
};

const compile = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replaceAll('.', String.raw`\.`).replace(/:(\w+)/g, '(?<$1>[^/]+?)')}$`);

const find = (routes: readonly { route: Route; regexp: RegExp }[], method: string, path: string) => {
  for (const { route, regexp } of routes) {
    const match = route.method === method ? regexp.exec(path) : undefined;
    if (match) return { route, params: { ...match.groups } };
  }
  return undefined;
};

const send = (response: ServerResponse, { status, body, headers }: SimulatorAnswer): void => {
  if (response.destroyed) return;
  const raw = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, headers);
  response.end(raw ? body : JSON.stringify(body));
};

const failure = (error: unknown): SimulatorAnswer => {
  if (error instanceof BadRequestError) return json({ error: error.message }, error.status);
  console.error('simulator:', error);
  return json({ error: 'the simulator failed; its log says why' }, 500);
};

/** A server for these routes. The first that fits answers. */
export const createRouter = (routes: readonly Route[]): Server => {
  const compiled = routes.map((route) => ({ route, regexp: compile(route.pattern) }));
  const answer = async (request: IncomingMessage): Promise<SimulatorAnswer> => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://simulator');
    const method = request.method ?? 'GET';
    const found = find(compiled, method, decodeURIComponent(path));
    if (!found) return json({ error: `no ${method} ${path} here` }, 404);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    );
    return found.route.handle({ method, path, query, headers, body: await buffer(request), params: found.params });
  };
  return createServer((request, response) => {
    answer(request)
      .catch(failure)
      .then((result) => send(response, result))
      .catch(() => response.destroy());
  });
};
