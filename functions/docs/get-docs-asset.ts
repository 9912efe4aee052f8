import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Failure } from '../../lib/domain/failure.ts';
import { edge } from '../../lib/runtime/edge.ts';

const require = createRequire(import.meta.url);

/** The areas first, each to open: the operations are too many to read down. */
const start = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  filter: true,
  deepLinking: true,
  persistAuthorization: true,
});
`;

const assets = new Map(
  Object.entries({
    'swagger-ui.css': {
      type: 'text/css; charset=utf-8',
      load: () => readFile(require.resolve('swagger-ui-dist/swagger-ui.css'), 'utf8'),
    },
    'swagger-ui-bundle.js': {
      type: 'text/javascript; charset=utf-8',
      load: () => readFile(require.resolve('swagger-ui-dist/swagger-ui-bundle.js'), 'utf8'),
    },
    'start.js': { type: 'text/javascript; charset=utf-8', load: () => Promise.resolve(start) },
  }),
);

/** GET /docs/{asset}: what the documentation page is made of; nothing is fetched from elsewhere. */
export const handler = edge(async (event): Promise<APIGatewayProxyStructuredResultV2> => {
  const asset = assets.get(event.pathParameters?.asset ?? '');
  if (asset === undefined) throw new Failure('route.not-found', 'There is no such file.');
  return {
    statusCode: 200,
    headers: { 'content-type': asset.type, 'cache-control': 'public, max-age=86400' },
    body: await asset.load(),
  };
});
