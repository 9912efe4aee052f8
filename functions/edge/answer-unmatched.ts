import { Failure } from '../../lib/domain/failure.ts';
import { edge } from '../../lib/runtime/edge.ts';

/** Whatever no other function answers: a browser's question whether it may ask (CORS), or an address that leads nowhere. */
export const handler = edge((event) => {
  const { method } = event.requestContext.http;
  if (method === 'OPTIONS') return Promise.resolve({ statusCode: 204 });
  throw new Failure('route.not-found', `There is no ${method} ${event.rawPath}. See /docs for what there is.`);
});
