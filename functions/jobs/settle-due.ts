import { collectStreamFailures } from '../../lib/messaging/collect-stream-failures.ts';
import { settle } from '../../lib/messaging/settle.ts';
import { everyDue } from '../../lib/runtime/due.ts';
import { describeError, logger } from '../../lib/runtime/logger.ts';
import { now } from '../../lib/runtime/worker.ts';

const collect = (): Promise<unknown> =>
  collectStreamFailures(now(), (key, error) => {
    logger.error('what the stream gave up cannot be taken in', { key, ...describeError(error) });
  });

/**
 * Each minute: finds what should have happened by now and did not, sees to it, and tells how the system is. Whatever Lambda
 * itself gave up of the stream becomes dead letters.
 */
export const handler = async (): Promise<void> => {
  await everyDue(settle)();
  await collect();
};
