import { jest } from '@jest/globals';
import { httpEvent } from '../../test/support/builders.ts';
import { problems, ProblemSchema, type ProblemCode } from '../contract/problems.ts';
import { Failure, invalid, mergedInto } from '../domain/failure.ts';
import { isPassing } from '../domain/passing.ts';
import { logger } from './logger.ts';
import { answerProblem } from './problem.ts';

const event = httpEvent({ method: 'POST', path: '/crm/clients' });
const answerOf = (error: unknown) => {
  const answer = answerProblem(error, event, 'request-1');
  return { ...answer, problem: ProblemSchema.parse(JSON.parse(answer.body ?? '')) };
};
const codes = Object.keys(problems).filter((code): code is ProblemCode => code in problems);

const logged = jest.spyOn(logger, 'error').mockImplementation(() => undefined);
beforeEach(() => logged.mockClear());

/** As the AWS SDK throws them. */
const awsError = (name: string, status: number, more: object = {}): Error =>
  Object.assign(new Error('arn:aws:dynamodb:eu-central-1:123456789012:table/parley'), {
    name,
    $metadata: { httpStatusCode: status },
    $fault: status < 500 ? 'client' : 'server',
    ...more,
  });

describe('a client that was merged', () => {
  const [absorbedId, clientId] = ['01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10', '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a11'];
  const asked = (path: string, query: Record<string, string> = {}) =>
    answerProblem(mergedInto(absorbedId, clientId), httpEvent({ path, query }), 'request-1');

  it('leads to the same address of the one it was merged into', () => {
    const { statusCode, headers } = asked(`/crm/clients/${absorbedId}/notes`, { limit: '5', type: 'call' });
    const location = `/crm/clients/${clientId}/notes?limit=5&type=call`;
    expect([statusCode, headers?.location, headers?.['cache-control']]).toEqual([308, location, 'no-store']);
  });

  it('leads nowhere where it is not the address that names it', () => {
    const { statusCode, headers, body } = asked('/crm/chats');
    expect([statusCode, headers?.location]).toEqual([409, undefined]);
    expect(JSON.parse(body ?? '')).toMatchObject({ code: 'client.merged', clientId });
  });
});

describe('a refusal', () => {
  it.each(codes)('%s is told with its own status and title', (code) => {
    const { problem, statusCode, headers } = answerOf(new Failure(code, 'What it is about.'));
    expect(statusCode).toBe(problems[code].status);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
    expect(problem).toEqual({
      type: `urn:parley:problem:${code}`,
      title: problems[code].title,
      status: problems[code].status,
      detail: 'What it is about.',
      instance: '/crm/clients',
      code,
      requestId: 'request-1',
    });
  });

  it('tells where the input is wrong, what permission is missing, who holds the contact', () => {
    const pointed = answerOf(invalid('/phone', 'is no phone number')).problem;
    expect(pointed.errors).toEqual([{ pointer: '/phone', detail: 'is no phone number' }]);
    const permission = 'Client.Delete';
    expect(answerOf(new Failure('permission.missing', 'x', { permission })).problem.permission).toBe(permission);
    expect(answerOf(new Failure('contact.duplicate', 'x', { clientId: 'c1' })).problem.clientId).toBe('c1');
  });

  it('says when to come again, and how to authenticate', () => {
    expect(answerOf(new Failure('rate.limited', 'x', { retryAfterSeconds: 7 })).headers).toMatchObject({
      'retry-after': '7',
    });
    expect(answerOf(new Failure('token.invalid', 'x')).headers).toMatchObject({ 'www-authenticate': 'Bearer' });
  });

  it('is the caller’s own and not logged as an error', () => {
    answerOf(new Failure('contact.duplicate', 'x'));
    expect(logged).not.toHaveBeenCalled();
  });
});

describe('an error of ours', () => {
  const secret = 'Zulfiya +998901234567 cannot be written';

  it.each([
    ['an error', new Error(secret)],
    ['a TypeError', new TypeError(secret)],
    ['a refused AWS request', awsError('ValidationException', 400)],
    ['a missing right', awsError('AccessDeniedException', 400)],
    ['something that is no error', secret],
    ['nothing', undefined],
  ])('such as %s is 500 and tells nothing internal', (_, error) => {
    const { problem, statusCode, body } = answerOf(error);
    expect([statusCode, problem.code]).toEqual([500, 'internal.error']);
    expect(body).not.toMatch(/Zulfiya|998|arn:|Exception|Error:|\.ts/);
    expect(logged).toHaveBeenCalledTimes(1);
  });

  it('is logged by its name and place, without its message unless AWS wrote it', () => {
    answerOf(new TypeError(secret));
    answerOf(awsError('ValidationException', 400));
    const [own, aws] = logged.mock.calls.map((call) => JSON.stringify(call));
    expect(own).toContain('TypeError');
    expect(own).not.toContain('Zulfiya');
    expect(aws).toContain('table/parley');
  });
});

const network = (code: string): Error => Object.assign(new Error(`connect ${code} 10.0.0.1:443`), { code });

describe('a service that is away', () => {
  const away: [string, unknown][] = [
    ...[
      'ECONNREFUSED',
      'ECONNRESET',
      'ENOTFOUND',
      'EPIPE',
      'ETIMEDOUT',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'ENETUNREACH',
    ].map((code): [string, unknown] => [code, network(code)]),
    ['a time-out', Object.assign(new Error('timed out'), { name: 'TimeoutError' })],
    ['a fetch without connection', new TypeError('fetch failed', { cause: network('ECONNREFUSED') })],
    ['no address that answers', new AggregateError([network('ECONNREFUSED'), network('ECONNREFUSED')])],
    ['throttling by DynamoDB', awsError('ThrottlingException', 400)],
    ['too little throughput', awsError('ProvisionedThroughputExceededException', 400)],
    ['a limit of requests', awsError('RequestLimitExceeded', 400)],
    ['a failure inside DynamoDB', awsError('InternalServerError', 500)],
    ['a failure inside KMS', awsError('KMSInternalException', 500)],
    ['a failure inside S3', awsError('SlowDown', 503)],
    ['throttling by SQS', awsError('RequestThrottled', 403)],
    ['anything that a server says of itself', awsError('UnknownError', 502)],
  ];

  it.each(away)('such as %s is 503, says when to come again, and tells nothing internal', (_, error) => {
    const { problem, statusCode, headers, body } = answerOf(error);
    expect([statusCode, problem.code]).toEqual([503, 'service.unavailable']);
    expect(headers?.['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(body).not.toMatch(/arn:|10\.0\.0\.1|DynamoDB|Exception|timed out/);
    expect(isPassing(error)).toBe(true);
    expect(logged).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['a mistake of ours', awsError('ValidationException', 400)],
    ['a mistake beside a failure', new AggregateError([network('ECONNREFUSED'), new Error('other')])],
    ['an error for another reason', new Error('x', { cause: new Error('y') })],
    ['a refusal', new Failure('resource.not-found', 'x')],
    ['nothing', undefined],
  ])('is not %s', (_, error) => {
    expect(isPassing(error)).toBe(false);
  });

  it('is too busy for the moment where writes keep meeting', () => {
    expect(isPassing(new Failure('write.contended', 'x'))).toBe(true);
    expect(answerOf(new Failure('write.contended', 'x')).statusCode).toBe(409);
  });
});
