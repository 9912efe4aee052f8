import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Invoke, WhenUp } from './invoke.ts';
import { ACCOUNT, REGION, type Log } from './project.ts';
import type { Poller } from './stream-poller.ts';

interface ScheduleOptions {
  readonly functionName: string;
  readonly everySeconds: number;
  readonly invoke: Invoke;
  readonly whenUp: WhenUp;
  readonly log: Log;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html */
const scheduledEvent = (functionName: string) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: ACCOUNT,
  time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  region: REGION,
  resources: [`arn:aws:events:${REGION}:${ACCOUNT}:rule/${functionName}`],
  detail: {},
});

/** Calls a function again and again, never two at a time. */
export const startSchedule = ({ functionName, everySeconds, invoke, whenUp, log }: ScheduleOptions): Poller => {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sleep(everySeconds * 1000, undefined, { signal: stopping.signal });
      await whenUp(stopping.signal);
      const invocation = await invoke(functionName, scheduledEvent(functionName));
      if (invocation.kind === 'failed') log(`schedule: ${functionName} failed: ${invocation.reason}`);
    }
  };
  const running = run().catch(() => undefined);
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
