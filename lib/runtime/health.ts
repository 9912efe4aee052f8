import { outboundQueueUrl, reachQueue } from '../cloud/queues.ts';
import { environment } from '../config/environment.ts';
import { reachTable } from '../table/client.ts';
import { describeError, logger } from './logger.ts';

const checks: Record<string, () => Promise<void>> = {
  table: reachTable,
  outboundTwilio: () => reachQueue(outboundQueueUrl('twilio')),
  outboundTelegram: () => reachQueue(outboundQueueUrl('telegram')),
  inbound: () => reachQueue(environment().INBOUND_QUEUE_URL),
};

type Status = 'ok' | 'failing';
const status = (works: boolean): Status => (works ? 'ok' : 'failing');

const runCheck = async (name: string, check: () => Promise<void>) => {
  const started = performance.now();
  const works = await check().then(
    () => true,
    (error: unknown) => {
      logger.warn('health check failed', { check: name, ...describeError(error) });
      return false;
    },
  );
  return [name, { status: status(works), milliseconds: Math.round(performance.now() - started) }] as const;
};

/** Asks everything we need whether it is there. Tells nothing that a stranger may not know. */
export const checkAll = async () => {
  const results = await Promise.all(Object.entries(checks).map(([name, check]) => runCheck(name, check)));
  return {
    status: status(results.every(([, result]) => result.status === 'ok')),
    checks: Object.fromEntries(results),
  };
};
