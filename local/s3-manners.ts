import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import * as z from 'zod';
import { parseMultipart } from './multipart.ts';
import { refusalOfPost, refusalOfSignedUrl, type Refusal } from './s3-signatures.ts';

/** As much of a Fastify server as is used here. */
interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}
interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body?: string): Reply;
}
interface Server {
  addHook(name: 'onRoute', hook: (route: { url: string; bodyLimit?: number }) => void): unknown;
  addHook(name: 'onRequest' | 'preHandler', hook: (request: Request, reply: Reply) => Promise<unknown>): unknown;
  inject(request: {
    method: 'HEAD';
    url: string;
    headers: Record<string, string>;
  }): Promise<{ readonly headers: Readonly<Record<string, unknown>> }>;
}

const StartingSchema = z.object({
  fastify: z.custom<Server>((value) => typeof value === 'object' && value !== null && 'addHook' in value),
});

/** fauxqs takes 11 MB, S3 takes 5 GB in one request. */
const BODY_LIMIT = 64 * 1024 * 1024;

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST',
  'access-control-allow-headers': '*',
  'access-control-expose-headers': 'ETag, Content-Disposition, Content-Length',
  'access-control-max-age': '3600',
};

const refuse = (reply: Reply, { status, code, message }: Refusal): Reply =>
  reply
    .status(status)
    .header('content-type', 'application/xml')
    .send(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`);

const bucketOf = ({ url }: Request): string => url.split('?')[0]?.split('/')[1] ?? '';

/** A bucket is called by a name, a queue by its account's number. */
const isAboutBucket = (request: Request): boolean => /^[a-z]/.test(bucketOf(request));

const isForm = ({ method, headers }: Request): boolean =>
  method === 'POST' && (headers['content-type'] ?? '').startsWith('multipart/form-data');

const answerPreflight = async (request: Request, reply: Reply): Promise<unknown> => {
  if (!isAboutBucket(request)) return undefined;
  for (const [name, value] of Object.entries(CORS)) reply.header(name, value);
  return Promise.resolve(request.method === 'OPTIONS' ? reply.status(204).send() : undefined);
};

/** Only who signs gets in: by a header, which is taken as it is, by an address, or by a form. */
const admit = async (request: Request, reply: Reply): Promise<unknown> => {
  if (!isAboutBucket(request) || isForm(request) || request.headers.authorization !== undefined) return undefined;
  const refusal = refusalOfSignedUrl(request.method, request.url, request.headers.host ?? '');
  return Promise.resolve(refusal && refuse(reply, refusal));
};

const checkForm = async (request: Request, reply: Reply): Promise<unknown> => {
  if (!isAboutBucket(request) || !isForm(request) || !Buffer.isBuffer(request.body)) return undefined;
  const { fields, files } = parseMultipart(request.body, request.headers['content-type'] ?? '');
  const refusal = refusalOfPost(bucketOf(request), fields, files[0]?.bytes.length ?? 0);
  return Promise.resolve(refusal && refuse(reply, refusal));
};

const PRECONDITION: Refusal = {
  status: 412,
  code: 'PreconditionFailed',
  message: 'At least one of the pre-conditions you specified did not hold',
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const checkCopy =
  (server: Server) =>
  async ({ headers }: Request, reply: Reply): Promise<unknown> => {
    const [source, wanted] = [headers['x-amz-copy-source'], headers['x-amz-copy-source-if-match']];
    if (source === undefined || wanted === undefined) return undefined;
    const url = `/${source.replace(/^\//, '')}`;
    const { headers: found } = await server.inject({ method: 'HEAD', url, headers: { authorization: 'ourselves' } });
    return found.etag === wanted || found.etag === undefined ? undefined : refuse(reply, PRECONDITION);
  };

const OVERRIDES = ['content-type', 'content-disposition'] as const;

/** What a signed address says of the answer's headers. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
const overrideHeaders = async (request: Request, reply: Reply): Promise<unknown> => {
  if (request.method !== 'GET' || !isAboutBucket(request)) return undefined;
  const query = new URL(request.url, 'http://bucket').searchParams;
  const asked = OVERRIDES.flatMap((name) => {
    const value = query.get(`response-${name}`);
    return value === null ? [] : [[name, value] as const];
  });
  // What the object says of itself is set by the handler, after this: the last word is had as headers are sent.
  const set = reply.header.bind(reply);
  const names = new Map<string, string>(asked);
  reply.header = (name, value) => set(name, names.get(name.toLowerCase()) ?? value);
  for (const [name, value] of asked) set(name, value);
  return Promise.resolve(undefined);
};

/**
 * Teaches the bucket of one machine what fauxqs leaves out of S3 and browsers, providers and our own checks rely on:
 * signatures and policies that are looked at, files of more than 11 MB, conditional copies, headers that a signed address
 * asks for, and CORS.
 */
export const withS3Manners = async <Result>(start: () => Promise<Result>): Promise<Result> => {
  const channel = 'fastify.initialization';
  const teach = (message: unknown): void => {
    const starting = StartingSchema.safeParse(message);
    if (!starting.success) return;
    const server = starting.data.fastify;
    server.addHook('onRoute', (route) => {
      if (route.url.startsWith('/:bucket')) route.bodyLimit = BODY_LIMIT;
    });
    server.addHook('onRequest', answerPreflight);
    server.addHook('onRequest', admit);
    server.addHook('onRequest', overrideHeaders);
    server.addHook('preHandler', checkForm);
    server.addHook('preHandler', checkCopy(server));
  };
  subscribe(channel, teach);
  try {
    return await start();
  } finally {
    unsubscribe(channel, teach);
  }
};
