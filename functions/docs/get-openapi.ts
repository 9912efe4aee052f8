import { openapi } from '../../lib/contract/openapi.ts';
import { edge } from '../../lib/runtime/edge.ts';

const document = JSON.stringify(openapi());

/** GET /openapi.json: the contract as OpenAPI 3.1, made from the schemas that the handlers use. */
export const handler = edge(() =>
  Promise.resolve({
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' },
    body: document,
  }),
);
