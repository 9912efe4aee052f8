import middy from '@middy/core';
import cors from '@middy/http-cors';
import securityHeaders from '@middy/http-security-headers';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { environment } from '../config/environment.ts';
import { logger } from './logger.ts';
import { answerProblem } from './problem.ts';

export type HttpEvent = APIGatewayProxyEventV2;
export type HttpAnswer = APIGatewayProxyStructuredResultV2;

/** API Gateway takes 10 MB; the contract takes 1. */
export const BODY_LIMIT = 1024 * 1024;

const exposed = [
  'ETag',
  'Location',
  'X-Request-Id',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'Idempotency-Replayed',
];
const allowedHeaders = ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'X-Request-Id'];
const allowedMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** `*`, or the very origin that asks when it is listed. Others are told an origin that is not theirs. */
const allowedOrigin = (incoming: string | undefined): string => {
  const { CORS_ORIGINS, PUBLIC_BASE_URL } = environment();
  if (CORS_ORIGINS.includes('*')) return '*';
  if (incoming !== undefined && CORS_ORIGINS.includes(incoming)) return incoming;
  return CORS_ORIGINS[0] ?? PUBLIC_BASE_URL;
};

/** The id under which a request is logged and told. */
export const requestIdOf = (event: HttpEvent): string => event.headers['x-request-id'] ?? '';

/** The caller's own id for its request if it is a plain word, else the invocation's, which the access log has too. */
const chooseRequestId = (event: HttpEvent, { awsRequestId }: Pick<Context, 'awsRequestId'>): string => {
  const given = event.headers['x-request-id'];
  return given !== undefined && /^[\w.:-]{1,128}$/.test(given) ? given : awsRequestId;
};

/** One line an answer; what went wrong has lines of its own. */
const logAnswer = (): middy.MiddlewareObj<HttpEvent, HttpAnswer> => {
  const started = new WeakMap<object, number>();
  const log = ({ event, response }: { event: HttpEvent; response: HttpAnswer | null }): void => {
    const milliseconds = Math.round(performance.now() - (started.get(event) ?? performance.now()));
    logger.info('answered', { route: event.routeKey, status: response?.statusCode, milliseconds });
  };
  return {
    before: ({ event }) => {
      started.set(event, performance.now());
    },
    after: log,
    onError: log,
  };
};

/** Who asks is told the id under which its request is logged. */
const correlate = (): middy.MiddlewareObj<HttpEvent, HttpAnswer> => {
  const tell = ({ event, response }: { event: HttpEvent; response: HttpAnswer | null }): void => {
    if (response !== null)
      response.headers = { vary: 'Origin', ...response.headers, 'x-request-id': requestIdOf(event) };
  };
  return {
    before: ({ event, context }) => {
      event.headers['x-request-id'] = chooseRequestId(event, context);
      logger.resetKeys();
      logger.appendKeys({ requestId: requestIdOf(event) });
    },
    after: tell,
    onError: tell,
  };
};

const tellProblems = (): middy.MiddlewareObj<HttpEvent, HttpAnswer> => ({
  onError: (request) => {
    request.response = answerProblem(request.error, request.event, requestIdOf(request.event));
  },
});

/** The only page, /docs, has a content security policy of its own; nothing is reported to anybody. */
const headers = {
  contentSecurityPolicy: false,
  reportingEndpoints: false,
  reportTo: false,
  xssProtection: false,
  permissionsPolicy: false,
  strictTransportSecurity: { maxAge: 63_072_000, includeSubDomains: true, preload: false },
};

/** What stands around every HTTP handler: request id, CORS, security headers, and problems for errors. */
export const edge = (handle: (event: HttpEvent) => Promise<HttpAnswer>) =>
  middy<HttpEvent, HttpAnswer>()
    .use(
      cors({
        getOrigin: allowedOrigin,
        exposeHeaders: exposed.join(','),
        headers: allowedHeaders.join(','),
        methods: allowedMethods.join(','),
        maxAge: 600,
        disableBeforePreflightResponse: true,
      }),
    )
    .use(securityHeaders(headers))
    .use(logAnswer())
    .use(correlate())
    .use(tellProblems())
    .handler(handle);
