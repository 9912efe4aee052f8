import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { problems, type Problem } from '../contract/problems.ts';
import { Failure } from '../domain/failure.ts';
import { isPassing } from '../domain/passing.ts';
import { describeError, logger } from './logger.ts';

/** Whether a merged client is named elsewhere than in the address, which is all that a redirection can change. */
const isNamedElsewhere = ({ rawPath }: APIGatewayProxyEventV2, { code, particulars }: Failure): boolean =>
  code === 'client.absorbed' &&
  particulars.absorbedId !== undefined &&
  !rawPath.split('/').includes(particulars.absorbedId);

const asFailure = (error: unknown, event: APIGatewayProxyEventV2): Failure => {
  if (error instanceof Failure) {
    return isNamedElsewhere(event, error) ? new Failure('client.merged', error.message, error.particulars) : error;
  }
  if (isPassing(error)) {
    return new Failure('service.unavailable', 'Please try again in a moment.', { retryAfterSeconds: 2 });
  }
  return new Failure('internal.error', 'Nothing was told about it here; its details are in our log.');
};

/** The same address of the client that the one in it was merged into. */
const survivorsAddress = (
  { rawPath, rawQueryString }: APIGatewayProxyEventV2,
  { absorbedId, clientId = '' }: Failure['particulars'],
): string => {
  const path = rawPath.split('/').map((segment) => (segment === absorbedId ? clientId : segment));
  return `${path.join('/')}${rawQueryString === '' ? '' : `?${rawQueryString}`}`;
};

const headersOf = ({ code, particulars }: Failure, event: APIGatewayProxyEventV2): Record<string, string> => ({
  'content-type': 'application/problem+json',
  'cache-control': 'no-store',
  // A merge can be undone, so this must not be remembered either.
  ...(code === 'client.absorbed' && { location: survivorsAddress(event, particulars) }),
  ...(code === 'token.invalid' && { 'www-authenticate': 'Bearer' }),
  ...(particulars.retryAfterSeconds !== undefined && { 'retry-after': String(particulars.retryAfterSeconds) }),
  // https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
  ...(particulars.limit !== undefined && {
    'ratelimit-policy': `"${particulars.limitOf ?? 'user'}";q=${particulars.limit}`,
    ratelimit: `"${particulars.limitOf ?? 'user'}";r=0;t=${particulars.retryAfterSeconds ?? 1}`,
  }),
});

/** Says no in the one form every refusal has: RFC 9457 problem details. What is our fault is logged and told nobody. */
export const answerProblem = (
  error: unknown,
  event: APIGatewayProxyEventV2,
  requestId: string,
): APIGatewayProxyStructuredResultV2 => {
  const failure = asFailure(error, event);
  const { status, title } = problems[failure.code];
  if (status >= 500) logger.error('request failed', { code: failure.code, ...describeError(error) });
  const { errors, permission, clientId } = failure.particulars;
  const problem: Problem = {
    type: `urn:parley:problem:${failure.code}`,
    title,
    status,
    detail: failure.message,
    instance: event.rawPath,
    code: failure.code,
    requestId,
    ...(errors !== undefined && { errors: [...errors] }),
    ...(permission !== undefined && { permission }),
    ...(clientId !== undefined && { clientId }),
  };
  return { statusCode: status, headers: headersOf(failure, event), body: JSON.stringify(problem) };
};
