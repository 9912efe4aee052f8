import { reachBus } from '../cloud/bus.ts';
import { depthOf, outboundQueueUrl } from '../cloud/queues.ts';
import { environment } from '../config/environment.ts';
import type { DetailedHealth } from '../contract/health.ts';
import { readPulse, readSeenPulse, type Pulse } from '../table/health.ts';
import { describeError, logger } from './logger.ts';

type Check = DetailedHealth['checks'][string];
type Facts = Pick<Check, 'waiting' | 'ageSeconds' | 'count'>;

/** Nobody waits longer for a part that does not answer. */
const LONGEST_MS = 2_000;
/** Probes come often, and from many places at once; so do strangers. */
const KEPT_MS = 3_000;

/** Numbers would tell strangers how much is going on here. */
const band = (count: number): NonNullable<Check['count']> =>
  count === 0 ? 'none' : count < 10 ? 'few' : count < 100 ? 'some' : 'many';

class Late extends Error {
  override name = 'Late';
}

const inTime = async <Result>(work: Promise<Result>): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late('It did not answer in time.')), LONGEST_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

const queue = async (url: string): Promise<Facts> => ({ waiting: band(await depthOf(url)) });

/** Without these nothing can be served. */
const vital: Record<string, () => Promise<Facts>> = {
  table: async () => {
    await readPulse();
    return {};
  },
  outboundTwilio: () => queue(outboundQueueUrl('twilio')),
  outboundTelegram: () => queue(outboundQueueUrl('telegram')),
  inbound: () => queue(environment().INBOUND_QUEUE_URL),
};

/** Without these what is taken waits. */
const others: Record<string, () => Promise<Facts>> = {
  jobs: () => queue(environment().JOBS_QUEUE_URL),
  bus: async () => {
    await reachBus();
    return {};
  },
};

const runCheck = async (
  name: string,
  check: () => Promise<Facts>,
  otherwise: Check['status'],
): Promise<readonly [string, Check]> => {
  const started = performance.now();
  const result = await inTime(check()).then(
    (facts) => ({ status: 'ok' as const, ...facts }),
    (error: unknown) => {
      logger.warn('health check failed', { check: name, ...describeError(error) });
      return { status: otherwise };
    },
  );
  return [name, { ...result, milliseconds: Math.round(performance.now() - started) }];
};

const runAll = (checks: Record<string, () => Promise<Facts>>, otherwise: Check['status']) =>
  Promise.all(Object.entries(checks).map(([name, check]) => runCheck(name, check, otherwise)));

/** For longer than this nothing waits where all is well. */
const LONG_SECONDS = 300;

const secondsSince = (at: string | null | undefined): number =>
  at === null || at === undefined ? 0 : Math.max(0, Math.round((Date.now() - Date.parse(at)) / 1000));

const aged = (ageSeconds: number): Check => ({
  status: ageSeconds > LONG_SECONDS ? 'degraded' : 'ok',
  ageSeconds,
});
const counted = (count: number): Check => ({ status: count > 0 ? 'degraded' : 'ok', count: band(count) });

/** What the job of each minute found, and whether that came through the stream. */
const vitality = (pulse: Pulse, seenAt: string | undefined): Record<string, Check> => ({
  schedule: aged(secondsSince(pulse.at)),
  // Seen a moment after it was written; else it is behind by what it has seen last.
  stream: aged(seenAt === undefined || seenAt < pulse.at ? secondsSince(seenAt ?? pulse.at) : 0),
  oldestQueued: aged(secondsSince(pulse.oldestQueuedAt)),
  deadLetters: counted(pulse.openLetters),
  channels: counted(pulse.failingChannels),
});

const readVitality = async (): Promise<Record<string, Check>> => {
  try {
    const [pulse, seenAt] = await inTime(Promise.all([readPulse(), readSeenPulse()]));
    return pulse === undefined ? {} : vitality(pulse, seenAt);
  } catch {
    // The check of the table says so.
    return {};
  }
};

const worst = (checks: readonly Check[]): Check['status'] => {
  const statuses = new Set(checks.map(({ status }) => status));
  return statuses.has('failing') ? 'failing' : statuses.has('degraded') ? 'degraded' : 'ok';
};

/** Looks at most once in a while, however many ask. `look` never fails. */
const onceInAWhile = <Seen>(look: () => Promise<Seen>): (() => Promise<Seen>) => {
  let kept: { readonly seen: Promise<Seen>; readonly until: number } | undefined;
  return () => {
    if (kept === undefined || kept.until < Date.now()) kept = { seen: look(), until: Date.now() + KEPT_MS };
    return kept.seen;
  };
};

const lookAtVital = onceInAWhile(() => runAll(vital, 'failing'));

/** Asks everything we need how it is. Tells nothing that a stranger may not know. */
export const checkAll = onceInAWhile(async (): Promise<DetailedHealth> => {
  const [needed, used, found] = await Promise.all([lookAtVital(), runAll(others, 'degraded'), readVitality()]);
  const checks = { ...Object.fromEntries([...needed, ...used]), ...found };
  return { status: worst(Object.values(checks)), checks };
});

/** Whether requests can be served. */
export const checkVital = async (): Promise<'ok' | 'failing'> => {
  const checks = await lookAtVital();
  return checks.every(([, { status }]) => status === 'ok') ? 'ok' : 'failing';
};
