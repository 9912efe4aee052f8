import { environment } from '../config/environment.ts';
import type { Reconciliation } from '../contract/reconciliations.ts';
import type { ChannelId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import { Failure, notFound } from '../domain/failure.ts';
import { isOver, type JobRecord } from '../domain/job.ts';
import { firstPosition, reconciliationOf } from '../domain/reconciliation.ts';
import { changeChannel, getChannel, knownChannels } from '../table/channels.ts';
import { findJob, startJob } from '../table/jobs.ts';
import { commit, Raced, untilUndisturbed, type Step } from '../table/transaction.ts';
import { configuredProvider } from './provider-access.ts';
import { restingUntil } from './resting.ts';

const latestOf = ({ tenant }: Act, { reconciliationId }: ChannelRecord): Promise<JobRecord | undefined> =>
  reconciliationId === null ? Promise.resolve(undefined) : findJob(tenant, reconciliationId);

interface Beginning {
  readonly until: string;
  readonly since: string | null;
  readonly dueAt: string | null;
}

const begin = async (
  act: Act,
  channel: ChannelRecord,
  { until, since, dueAt }: Beginning,
  remember: (job: JobRecord) => readonly Step[],
): Promise<JobRecord> => {
  const position = firstPosition(act, channel, until, since);
  const { job, steps } = startJob(act, { kind: 'reconciliation', subjectId: channel.id, position });
  const after = { ...channel, reconciliationId: job.id, dueAt, revision: channel.revision + 1 };
  await changeChannel(act.tenant, channel, after, undefined, [...remember(job), ...steps]);
  return job;
};

/**
 * Starts a reconciliation, or answers with the one that is under way. One read, one more of the one before, and one transaction.
 *
 * @throws Failure `resource.not-found`, `channel.connecting`, `channel.not-reconcilable`
 */
export const requestReconciliation = (
  act: Act,
  id: ChannelId,
  since: string | null,
  remember: (reconciliation: Reconciliation) => readonly Step[],
): Promise<Reconciliation> =>
  untilUndisturbed(async () => {
    const channel = await getChannel(act.tenant, id);
    if (channel.status === 'connecting') throw new Failure('channel.connecting', 'Wait until it is connected.');
    if (configuredProvider(channel.provider).archive === undefined) {
      throw new Failure('channel.not-reconcilable', 'Its provider cannot be asked for what it has sent us.');
    }
    const latest = await latestOf(act, channel);
    if (latest !== undefined && !isOver(latest)) {
      const steps = remember(reconciliationOf(latest));
      if (steps.length > 0) await commit(act.tenant, steps);
      return reconciliationOf(latest);
    }
    const dueAt = channel.dueAt ?? restingUntil(act, channel);
    const beginning = { until: instant(act.now()), since, dueAt };
    const job = await begin(act, channel, beginning, (started) => remember(reconciliationOf(started)));
    return reconciliationOf(job);
  });

/** How does the latest stand? Two reads. @throws Failure `resource.not-found` */
export const getReconciliation = async (act: Act, id: ChannelId): Promise<Reconciliation> => {
  const latest = await latestOf(act, await getChannel(act.tenant, id));
  if (latest === undefined) throw notFound();
  return reconciliationOf(latest);
};

/** What is due of a channel that works, again and again. Webhooks that are on their way right now are left alone. */
export const reconcileInTime = async (act: Act, channel: ChannelRecord): Promise<void> => {
  const dueAt = restingUntil(act, channel);
  const latest = await latestOf(act, channel);
  if (dueAt === null || (latest !== undefined && !isOver(latest))) {
    await changeChannel(act.tenant, channel, { ...channel, dueAt, revision: channel.revision + 1 }, undefined);
    return;
  }
  const until = secondsAfter(act.now(), -environment().SETTLE_SECONDS);
  await begin(act, channel, { until, since: null, dueAt }, () => []);
};

/**
 * Has every channel reconciled from now on that nobody looks after: one that was connected before there were reconciliations.
 * One query, unless it was asked within ten seconds; one transaction for each of them.
 */
export const lookAfterChannels = async (act: Act): Promise<void> => {
  for (const channel of await knownChannels(act.tenant)) {
    const dueAt = restingUntil(act, channel);
    if (dueAt === null || channel.dueAt !== null) continue;
    const after = { ...channel, dueAt, revision: channel.revision + 1 };
    await changeChannel(act.tenant, channel, after, undefined).catch((error: unknown) => {
      // Whoever was first has seen to it.
      if (!(error instanceof Raced)) throw error;
    });
  }
};
