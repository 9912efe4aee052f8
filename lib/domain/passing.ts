import { Failure } from './failure.ts';

/** Errors that pass by themselves: the table, the network or a quota is away for a moment. */
const passing = new Set([
  'TimeoutError',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** AWS says of each error whose fault it is; names differ from service to service. */
const isServersFault = (error: Error): boolean => '$fault' in error && error.$fault === 'server';

/** Whether an error says that a service is away or too busy for the moment, rather than that we did something wrong. */
export const isPassing = (error: unknown): boolean => {
  if (error instanceof Failure) return error.code === 'write.contended' || error.code === 'service.unavailable';
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (isServersFault(error) || passing.has(error.name) || (code !== undefined && passing.has(code))) return true;
  if (error instanceof AggregateError) return error.errors.every(isPassing);
  return error.cause !== undefined && isPassing(error.cause);
};
