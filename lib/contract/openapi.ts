import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import * as z from 'zod';
import { routes } from './index.ts';
import { problems, ProblemSchema, type ProblemCode } from './problems.ts';
import { aliases, noBody, noResult, type Route } from './route.ts';

/** What any protected route may answer, whatever it does. */
const always: readonly ProblemCode[] = [
  'request.invalid',
  'token.invalid',
  'permission.missing',
  'rate.limited',
  'internal.error',
  'service.unavailable',
];

/** What follows from a route's kind. */
const ofKind = ({ method, path, body, creates }: Route): ProblemCode[] => [
  ...(/\{(clientId|chatId)\}/.test(path) ? (['client.absorbed'] as const) : []),
  ...(hasContent(body) ? (['request.malformed', 'request.too-large', 'request.media-type'] as const) : []),
  ...(creates ? (['idempotency.in-progress', 'idempotency.key-reused'] as const) : []),
  ...(method === 'GET' ? [] : (['write.contended'] as const)),
];

const problemResponses = (route: Route) => {
  const codes = route.permission === null ? route.problems : [...always, ...ofKind(route), ...route.problems];
  const statuses = Map.groupBy(new Set(codes), (code) => problems[code].status);
  return Object.fromEntries(
    [...statuses].map(([status, group]) => [
      String(status),
      {
        description: [...group].map((code) => `\`${code}\`: ${problems[code].title}`).join('\n\n'),
        content: { 'application/problem+json': { schema: ProblemSchema } },
      },
    ]),
  );
};

const hasContent = (schema: z.ZodType): boolean => schema !== noBody && schema !== noResult;

const resultResponses = ({ statuses, result, summary }: Route) =>
  Object.fromEntries(
    statuses.map((status) => [
      String(status),
      { description: summary, ...(hasContent(result) && { content: { 'application/json': { schema: result } } }) },
    ]),
  );

const headersOf = (route: Route) => {
  const headers: Record<string, z.ZodType> = {};
  if (route.creates) {
    headers['Idempotency-Key'] = z.string().min(1).max(255).optional().meta({
      description: 'The same key with the same request gives the first answer again, for 24 hours',
    });
  }
  if (route.problems.includes('version.stale')) {
    headers['If-Match'] = z
      .string()
      .optional()
      .meta({ description: 'The ETag of your last read; 412 when it is stale' });
  }
  return z.object(headers);
};

const SECOND = 'Second addresses of the same';

const operation = (route: Route): ZodOpenApiOperationObject => ({
  operationId: route.id,
  summary: route.summary,
  tags: [route.tag],
  ...(route.permission === null
    ? { security: [] }
    : { description: `Takes the permission \`${route.permission}\`.`, security: [{ bearer: [] }] }),
  requestParams: { path: route.params, query: route.query, header: headersOf(route) },
  ...(hasContent(route.body) && {
    requestBody: {
      required: !route.body.safeParse(undefined).success,
      content: { 'application/json': { schema: route.body } },
    },
  }),
  responses: { ...resultResponses(route), ...problemResponses(route) },
});

const pathsOf = (all: readonly Route[]): ZodOpenApiPathsObject => {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of all) {
    for (const path of [route.path, ...aliases(route.path)]) {
      const own = operation(route);
      const alias = path !== route.path;
      paths[path] = {
        ...paths[path],
        [route.method.toLowerCase()]: alias ? { ...own, operationId: `${route.id}Alias`, tags: [SECOND] } : own,
      };
    }
  }
  return paths;
};

/** The contract as an OpenAPI 3.1 document, from the very schemas that the handlers parse with. */
export const openapi = () =>
  createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version: '1.0.0',
      description: 'Every client in one profile, every conversation with a client in one thread, whatever the channel.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag)), SECOND].map((name) => ({ name })),
    paths: pathsOf(routes),
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  });
