import type { JobRecord } from '../domain/job.ts';
import { describeError, logger } from './logger.ts';

/** A step of a job came to nothing; it is tried again. */
export const reportJobFailure = ({ id, kind, failures }: JobRecord, error: unknown): void => {
  logger.error('a step of a job failed', { job: id, kind, failures, ...describeError(error) });
};
