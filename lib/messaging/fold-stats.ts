import { InteractionIdSchema, MessageIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { ChatRecordSchema } from '../domain/chat.ts';
import { ChangeEntrySchema } from '../domain/change-entry.ts';
import { ClientRecordSchema } from '../domain/client.ts';
import { InteractionRecordSchema } from '../domain/interaction.ts';
import { MessageRecordSchema } from '../domain/message.ts';
import { isNews, type FactRecord } from '../domain/stats-change.ts';
import {
  chatFact,
  clientFact,
  interactionFact,
  isAnswer,
  messageFact,
  recordedTurn,
  responseTo,
  sourcesOf,
  turnFact,
  type NamedClock,
  type Source,
} from '../domain/stats-derive.ts';
import type { Fact } from '../domain/stats-fact.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { changeKey, chatKey, clientKey, interactionKey, messageKey, type Key } from '../table/keys.ts';
import { factKey } from '../table/stats-keys.ts';
import { readTogether } from '../table/read-together.ts';
import { answerAfter, openedBefore, waitBefore } from '../table/stats-neighbours.ts';
import { writeFacts, type KeyedChange } from '../table/stats.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import { clockFor, findKnown, type Fold, type Folding } from './fold-clocks.ts';
import { writeHistoryOf } from './history.ts';

/** Two items of each are read at once, and a read takes 100. */
const MOST_TOGETHER = 40;

/** What a source is known as. */
const keyOfSource = (tenant: TenantId, { kind, id }: Source): Key => factKey(tenant, kind, id);

/** Where a source itself stands; undefined for what only an event tells. */
const entityKey = (tenant: TenantId, source: Source): Key | undefined => {
  const { home, id } = source;
  switch (source.kind) {
    case 'message':
      return messageKey(tenant, home, MessageIdSchema.parse(id));
    case 'chat':
      return chatKey(tenant, home);
    case 'client':
      return clientKey(tenant, home);
    case 'interaction':
      return interactionKey(tenant, home, InteractionIdSchema.parse(id));
    case 'turn':
      return source.event === undefined ? changeKey(tenant, home, 'status', id) : undefined;
  }
};

type MessageSource = Extract<Source, { kind: 'message' }>;

interface Sight {
  readonly entityAt: (key: Key) => unknown;
  readonly before: FactRecord | undefined;
  readonly clock: NamedClock;
}

const factOfMessage = async (
  tenant: TenantId,
  source: MessageSource,
  stored: unknown,
  { before, clock }: Sight,
): Promise<Fact | undefined> => {
  const message = MessageRecordSchema.optional().parse(stored);
  // What was counted stays counted when its message is removed.
  if (message === undefined) return before?.fact;
  const known = before?.fact.kind === 'message' && source.isJudgedAgain !== true ? before.fact : undefined;
  if (known !== undefined || !isAnswer(message)) return messageFact(message, known?.response ?? null, { clock });
  return messageFact(message, responseTo(await waitBefore(tenant, source.home, message.id), message, clock), { clock });
};

/** A turn never changes. */
const factOfTurn = async (
  tenant: TenantId,
  { home, event }: Extract<Source, { kind: 'turn' }>,
  stored: unknown,
  sight: Sight,
): Promise<Fact | undefined> => {
  if (sight.before !== undefined) return sight.before.fact;
  if (event !== undefined) return turnFact(event, sight);
  const entry = ChangeEntrySchema.optional().parse(stored);
  return entry && recordedTurn(entry, await openedBefore(tenant, home, entry.id), sight);
};

const factOf = async (tenant: TenantId, source: Source, sight: Sight): Promise<Fact | undefined> => {
  const key = entityKey(tenant, source);
  const stored = key && sight.entityAt(key);
  switch (source.kind) {
    case 'message':
      return factOfMessage(tenant, source, stored, sight);
    case 'chat':
      return chatFact(ChatRecordSchema.optional().parse(stored), sight);
    case 'client':
      return clientFact(ClientRecordSchema.optional().parse(stored), sight.before?.fact, sight);
    case 'interaction':
      return stored === undefined ? sight.before?.fact : interactionFact(InteractionRecordSchema.parse(stored), sight);
    case 'turn':
      return factOfTurn(tenant, source, stored, sight);
  }
};

const isThere = (stored: unknown): boolean =>
  stored !== undefined && ClientRecordSchema.parse(stored).state !== 'erased';

/** What was written down before another thing is committed within a minute of it, or never. */
const COMMIT_SECONDS = 60;
/** How long after a chat was resolved the first answer may be that was counted before that was known. */
const TURN_SECONDS = 7 * 24 * 3600;

/**
 * What was counted as an answer, or as none, before these were known: that depends on what stands before it, which may
 * have come to be known only now.
 */
const answersAfter = async (tenant: TenantId, fresh: readonly Source[]): Promise<MessageSource[]> => {
  const found = await Promise.all(
    fresh.map(async ({ kind, home, id }): Promise<MessageSource[]> => {
      if (kind !== 'message' && kind !== 'turn') return [];
      const next = await answerAfter(tenant, home, id, kind === 'turn' ? TURN_SECONDS : COMMIT_SECONDS);
      return next === undefined ? [] : [{ kind: 'message', home, id: next, isJudgedAgain: true }];
    }),
  );
  return found.flat();
};

/** Whoever counts all anew judges every message again. */
const isAnew = (source: Source): boolean =>
  source.kind === 'message' ? source.isJudgedAgain === true : source.kind === 'turn' && source.event === undefined;

/**
 * What is known comes first: whoever writes after this read of it makes the write fail, and so everything else that is read
 * is not older.
 */
const foldTogether = async (fold: Fold, asked: readonly Source[]): Promise<number> => {
  const { tenant, newId, clocks } = fold;
  const { head, factAt, clock } = await findKnown(
    fold,
    asked.map((source) => keyOfSource(tenant, source)),
  );
  const fresh = asked.filter((source) => !isAnew(source) && factAt(keyOfSource(tenant, source)) === undefined);
  const answers = await answersAfter(tenant, fresh);
  const elsewhere = answers.filter(({ id }) => asked.every((source) => source.id !== id));
  // First of all: what breaks off here is still new when it is done again.
  if (elsewhere.length > 0) await foldAll(fold, elsewhere);
  const sources = asked.map((source) => answers.find(({ id }) => id === source.id) ?? source);
  const homeKeys = [...new Set(sources.map(({ home }) => home))].map((id) => clientKey(tenant, id));
  const entityAt = await readTogether(tenant, [
    ...sources.flatMap((source) => entityKey(tenant, source) ?? []),
    ...homeKeys,
  ]);
  const changes = await Promise.all(
    sources.map(async (source): Promise<KeyedChange> => {
      const key = keyOfSource(tenant, source);
      const before = factAt(key);
      const isGone = source.kind === 'message' && !isThere(entityAt(clientKey(tenant, source.home)));
      // Of a client that is being erased nothing is counted any more but that it is gone.
      if (isGone) return { key, before, after: before?.fact, home: undefined };
      const after = await factOf(tenant, source, { entityAt, before, clock: clockFor(clocks, before, clock) });
      return { key, before, after, home: source.kind === 'message' ? source.home : undefined };
    }),
  );
  await writeFacts(tenant, head, changes, newId);
  return changes.filter(isNews).length;
};

const distinct = (tenant: TenantId, sources: readonly Source[]): Source[] => [
  ...new Map(sources.map((source) => [keyOfSource(tenant, source).pk, source])).values(),
];

const foldAll = async (fold: Fold, sources: readonly Source[]): Promise<number> => {
  let changed = 0;
  const left = distinct(fold.tenant, sources);
  for (let start = 0; start < left.length; start += MOST_TOGETHER) {
    const together = left.slice(start, start + MOST_TOGETHER);
    changed += await untilUndisturbed(() => foldTogether(fold, together));
  }
  return changed;
};

/**
 * Counts these as they are now. Doing it twice, or twice at once, changes nothing more.
 *
 * @returns how many were not known as they are
 */
export const foldSources = (folding: Folding, sources: readonly Source[]): Promise<number> =>
  foldAll({ ...folding, clocks: new Map() }, sources);

/** Counts what these events are about. */
export const foldEvents = async (folding: Folding, events: readonly DomainEvent[]): Promise<void> => {
  const sources = events.flatMap(sourcesOf);
  if (sources.length === 0) return;
  // When a chat was resolved is read from its history, which may not have come so far.
  await writeHistoryOf(
    folding.tenant,
    events.filter(({ type }) => type === 'ChatUpdated' || type === 'ChatCreated'),
  );
  await foldSources(folding, sources);
};
