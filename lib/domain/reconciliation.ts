import * as z from 'zod';
import type { Reconciliation } from '../contract/reconciliations.ts';
import { ChannelIdSchema } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from './act.ts';
import type { ChannelRecord } from './channel.ts';
import type { JobRecord } from './job.ts';

/** Where a reconciliation stands. */
export const ReconciliationPositionSchema = z.object({
  stage: z.enum(['received', 'reports', 'done']),
  /** What came from then on is looked at. */
  from: z.string(),
  /** What we sent from then on is looked at. */
  reportsFrom: z.string(),
  until: z.string(),
  /** Of what came, all before is here. */
  at: z.string(),
  /** Of what we sent, the page of the provider's list that is next. */
  page: z.string().nullable(),
  checked: z.int(),
  /** What was found. */
  messages: z.int(),
  reports: z.int(),
  /** What became dead letters. */
  kept: z.int().default(0),
});
export type ReconciliationPosition = z.infer<typeof ReconciliationPositionSchema>;

/** Lists may lag behind, and what we send takes its time: each time a part of what was looked at is looked at again. */
const OVERLAP_SECONDS = 2 * 3600;
/** Once a day further back, for phones that were off. */
const DAILY_OVERLAP_SECONDS = 48 * 3600;
/** What a provider's references are kept for after an erasure must be longer. */
const FURTHEST_SECONDS = 7 * 24 * 3600;

const latest = (...times: readonly string[]): string => times.toSorted().at(-1) ?? '';

/**
 * Where a reconciliation begins.
 *
 * @param since as its user wishes; `null`: as far as is needed
 */
export const firstPosition = (
  act: Act,
  channel: Pick<ChannelRecord, 'reconciliation' | 'createdAt'>,
  until: string,
  since: string | null,
): ReconciliationPosition => {
  const before = (seconds: number, time: string) => secondsAfter(new Date(time), -seconds);
  const furthest = latest(channel.createdAt, before(FURTHEST_SECONDS, instant(act.now())));
  const last = channel.reconciliation?.lastReconciledAt ?? furthest;
  const isFirstOfDay = last.slice(0, 10) !== until.slice(0, 10);
  // A provider's times are whole seconds: what came within the channel's first one is its, too.
  const from = before(1, latest(furthest, since ?? before(OVERLAP_SECONDS, last)));
  const daily = isFirstOfDay && since === null ? before(DAILY_OVERLAP_SECONDS, until) : from;
  const reportsFrom = [from, latest(furthest, daily)].toSorted()[0] ?? from;
  const none = { checked: 0, messages: 0, reports: 0, kept: 0 };
  return { stage: 'received', from, reportsFrom, until, at: from, page: null, ...none };
};

/** A reconciliation as the API shows it. */
export const reconciliationOf = (job: JobRecord): Reconciliation => {
  const { from, until, messages, reports, kept } = ReconciliationPositionSchema.parse(job.position);
  const { id, subjectId, state, progress, error, createdAt, finishedAt } = job;
  return {
    id,
    channelId: ChannelIdSchema.parse(subjectId),
    state,
    progress,
    found: { messages, reports, kept },
    from,
    until,
    error,
    createdAt,
    finishedAt,
  };
};
