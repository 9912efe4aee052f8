import type { Act } from '../domain/act.ts';
import { instant } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import { isOutbound, learn } from '../domain/delivery.ts';
import type { JobRecord } from '../domain/job.ts';
import { isPassing } from '../domain/passing.ts';
import { ReconciliationPositionSchema, type ReconciliationPosition } from '../domain/reconciliation.ts';
import type { DeliveryReport, ProviderArchive, ReceivedRecord } from '../providers/provider.ts';
import { findChannel, noteReconciled } from '../table/channels.ts';
import { findMessage } from '../table/messages.ts';
import { findNamed } from '../table/references.ts';
import { ChannelIdSchema } from '../contract/vocabulary.ts';
import { recordFinding } from './findings.ts';
import type { JobStep, JobWork, PassedOver } from './jobs.ts';
import { providerOf } from './provider-access.ts';
import { keepListed, takeUpdate } from './webhook.ts';

type Position = ReconciliationPosition;

/** The provider could not be asked; it is tried again later. */
class ProviderAway extends Error {
  override name = 'ProviderAway';
}

interface Scene {
  readonly act: Act;
  readonly channel: ChannelRecord;
  readonly archive: ProviderArchive<unknown>;
  readonly credentials: unknown;
  /** What could not be taken in, and is kept elsewhere: it holds up nothing that is listed beside it. */
  readonly passedOver: PassedOver[];
}

const searchOf = ({ transport, address }: ChannelRecord, from: string, until: string) => ({
  transport,
  address,
  from,
  until,
});

/** What a step takes in at most, and whatever came within the same second as the last of it. */
const MOST = 25;

const chunkOf = (records: readonly ReceivedRecord[]): readonly ReceivedRecord[] => {
  const last = records[MOST - 1];
  return last === undefined ? records : records.filter(({ at }) => at <= last.at);
};

const namesOf = ({ channel }: Scene, ids: readonly string[]) =>
  ids.map((providerId) => ({ channelId: channel.id, providerId }));

type Taken = 'found' | 'known' | 'kept';

/** What fails as often as it is tried becomes a dead letter, or nothing after it would ever be taken in. */
const takeOrKeep = async (
  { act, channel, passedOver }: Scene,
  listed: { readonly providerMessageId: string; readonly at?: string },
  raw: string,
  take: () => Promise<Taken>,
): Promise<Taken> => {
  try {
    return await take();
  } catch (error) {
    if (isPassing(error)) throw error;
    await keepListed(act, channel, raw, listed);
    passedOver.push({ id: listed.providerMessageId, error });
    return 'kept';
  }
};

/** Takes a message in by the very way of its webhook: whichever of the two comes second finds it there. */
const takeIn = async (scene: Scene, record: ReceivedRecord): Promise<Taken> => {
  const { act, channel, archive, credentials } = scene;
  const complete = await archive.completeReceived(credentials, record);
  if (complete.kind === 'unavailable') throw new ProviderAway(complete.detail);
  return takeOrKeep(scene, record, complete.raw, async () => {
    const result = await takeUpdate(act, channel, complete.update, complete.raw, record);
    return result === 'done' ? 'found' : result === 'unparsable' ? 'kept' : 'known';
  });
};

const countOf = (all: readonly Taken[], which: Taken): number => all.filter((each) => each === which).length;

const endOfDay = (at: string): string =>
  new Date(Date.parse(`${at.slice(0, 10)}T00:00:00Z`) + 86_400_000).toISOString();

const secondAfter = (at: string): string => new Date(Date.parse(at) + 1_000).toISOString();

/** Day after day, the oldest first, so that a chat gets what it lacks in its order. */
const stepReceived = async (scene: Scene, position: Position): Promise<Position> => {
  const { act, channel, archive, credentials } = scene;
  const until = [endOfDay(position.at), position.until].toSorted()[0] ?? position.until;
  const listed = await archive.listReceived(credentials, searchOf(channel, position.at, until));
  if (listed.kind === 'unavailable') throw new ProviderAway(listed.detail);
  const known = await findNamed(
    act.tenant,
    namesOf(
      scene,
      listed.records.map((each) => each.providerMessageId),
    ),
  );
  const unknown = listed.records.filter(({ providerMessageId }) => !known.has(providerMessageId));
  const chunk = chunkOf(unknown);
  const taken: Taken[] = [];
  for (const record of chunk) taken.push(await takeIn(scene, record));
  const messages = position.messages + countOf(taken, 'found');
  const kept = position.kept + countOf(taken, 'kept');
  const last = chunk.at(-1);
  const isDone = chunk.length === unknown.length;
  const at = isDone || last === undefined ? until : secondAfter(last.at);
  const checked = position.checked + (isDone ? listed.records.length : chunk.length);
  return { ...position, at, messages, kept, checked, stage: at < position.until ? 'received' : 'reports' };
};

/** Brings one of our messages up to what its provider says, by the way of a status callback. */
const takeReport = async (
  { act }: Scene,
  report: DeliveryReport,
  {
    messageId,
    chatId,
  }: NonNullable<Awaited<ReturnType<typeof findNamed>> extends Map<string, infer Named> ? Named : never>,
): Promise<Taken> => {
  if (messageId === null || chatId === null) return 'known';
  const message = await findMessage(act.tenant, chatId, messageId);
  if (message === undefined || !isOutbound(message)) return 'known';
  const { status, providerMessageId, error } = report;
  // A failure of an attempt that is not the last one says nothing about the message.
  const isLast = message.providerMessageId === providerMessageId;
  const learned = {
    status,
    attempt: isLast ? message.delivery.attempt : 0,
    providerMessageId,
    error: error === undefined ? null : { code: error.code, detail: error.detail },
    optedOut: error?.optedOut ?? false,
  };
  if (learn(message, learned, instant(act.now())) === undefined) return 'known';
  await recordFinding(act, chatId, messageId, learned);
  return 'found';
};

/** Page after page, the newest first: states need no order. */
const stepReports = async (scene: Scene, position: Position): Promise<Position> => {
  const { act, channel, archive, credentials } = scene;
  const search = searchOf(channel, position.reportsFrom, position.until);
  const listed = await archive.listReports(credentials, search, position.page);
  if (listed.kind === 'unavailable') throw new ProviderAway(listed.detail);
  const ours = await findNamed(
    act.tenant,
    namesOf(
      scene,
      listed.reports.map((each) => each.providerMessageId),
    ),
  );
  const taken: Taken[] = [];
  for (const report of listed.reports) {
    const { providerMessageId } = report;
    const named = ours.get(providerMessageId);
    if (named === undefined) continue;
    const raw = JSON.stringify(report);
    taken.push(await takeOrKeep(scene, { providerMessageId }, raw, () => takeReport(scene, report, named)));
  }
  const reports = position.reports + countOf(taken, 'found');
  const kept = position.kept + countOf(taken, 'kept');
  const checked = position.checked + listed.reports.length;
  return { ...position, page: listed.next, reports, kept, checked, stage: listed.next === null ? 'done' : 'reports' };
};

/** Hears how many were found, or kept as dead letters, in a step. */
type Hear = (count: number) => void;
interface Ears {
  readonly onFound?: Hear;
  readonly onKept?: Hear;
}

const goOn = async (scene: Scene, position: Position, { onFound, onKept }: Ears): Promise<JobStep> => {
  const after = await (position.stage === 'received' ? stepReceived : stepReports)(scene, position);
  const found = after.messages + after.reports - position.messages - position.reports;
  if (found > 0) onFound?.(found);
  if (after.kept > position.kept) onKept?.(after.kept - position.kept);
  const { passedOver } = scene;
  const progress = { done: after.checked, total: null };
  if (after.stage !== 'done') return { next: 'go-on', position: after, progress, passedOver };
  const also = [noteReconciled(scene.act.tenant, scene.channel, after)];
  return { next: 'done', position: after, progress, passedOver, also };
};

/**
 * Asks a channel's provider for what it has and we lack, because a webhook was lost on the way: messages of clients, and
 * what became of ours. Both are taken in as if their webhooks had come. Doing it twice, or two at once, changes
 * nothing more.
 */
export const reconciliationWork = (ears: Ears = {}): JobWork => ({
  step: async (act: Act, job: JobRecord): Promise<JobStep> => {
    const position = ReconciliationPositionSchema.parse(job.position);
    const channel = await findChannel(act.tenant, ChannelIdSchema.parse(job.subjectId));
    const access = channel && (await providerOf(act.tenant, channel));
    const archive = access?.provider.archive;
    if (channel === undefined || archive === undefined) return { next: 'done', position };
    // What was lost came from the provider, whoever asks for it now.
    const system: Act = { ...act, actor: { type: 'system', id: 'reconciliation' } };
    const scene = { act: system, channel, archive, credentials: access?.credentials, passedOver: [] };
    return goOn(scene, position, ears);
  },
});
