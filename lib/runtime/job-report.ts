import type { JobRecord } from '../domain/job.ts';
import { describeError, logger } from './logger.ts';

/** A step of a job came to nothing, and is tried again; or the job goes on without what has the id `passedOver`. */
export const reportJobFailure = ({ id, kind, failures }: JobRecord, error: unknown, passedOver?: string): void => {
  if (passedOver === undefined) {
    logger.error('a step of a job failed', { job: id, kind, failures, ...describeError(error) });
  } else {
    logger.error('a job passed something over', { job: id, kind, passedOver, ...describeError(error) });
  }
};
