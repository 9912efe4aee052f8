import type { AssignmentMode } from '../contract/settings.ts';
import { ClientIdSchema, type ChatId, type MessageId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { asking, takeTurns } from '../domain/assignment.ts';
import type { DomainEvent, EventType } from '../events/catalogue.ts';
import { findAvailable, findLedger, writeTurns } from '../table/assignments.ts';
import { findChats } from '../table/chats.ts';
import { knownSettings } from '../table/settings.ts';
import { untilUndisturbed } from '../table/transaction.ts';

/** A chat takes two steps of a transaction, and whoever is given it another. */
const MOST_TOGETHER = 30;

/**
 * The ledger is read first: whoever writes to it after that makes the write fail, and so everything else that is read is
 * not older. Two reads, and one query of the users where there is a chat to be given.
 */
const settleTogether = (
  act: Act,
  mode: AssignmentMode,
  ids: readonly ChatId[],
  heard: ReadonlyMap<string, MessageId>,
): Promise<void> =>
  untilUndisturbed(async () => {
    const before = await findLedger(act.tenant);
    const found = await findChats(act.tenant, ids);
    const chats = ids.flatMap((id) => found.filter((chat) => chat.id === id));
    const waiting = mode === 'off' ? [] : asking(chats, heard);
    const users = waiting.length === 0 ? [] : await findAvailable(act.tenant);
    const { ledger: after, turns } = takeTurns(before, chats, { mode, asking: waiting, users });
    if (turns.length > 0) await writeTurns(act, { before, after }, turns);
  });

/** Counts these chats for whoever has them now: for nobody, once they are hidden, merged or erased. */
export const recount = async (act: Act, ids: readonly ChatId[]): Promise<void> => {
  for (let start = 0; start < ids.length; start += MOST_TOGETHER) {
    await settleTogether(act, 'off', ids.slice(start, start + MOST_TOGETHER), new Map());
  }
};

/** Takes chats out of somebody's open ones, or puts them back, with all that belongs to a client. */
const ofClients: readonly EventType[] = [
  'ClientDeleted',
  'ClientRestored',
  'ClientMerged',
  'ClientUnmerged',
  'ClientErasureRequested',
];

/** Whose chats may count for somebody else after this. */
const shiftedBy = (event: DomainEvent): ChatId[] => {
  const data: object = event.data;
  const { subject, type } = event;
  if (ofClients.includes(type)) {
    return [subject.id, ...('absorbedId' in data ? [data.absorbedId] : [])].map((id) => ClientIdSchema.parse(id));
  }
  if (subject.type !== 'chat') return [];
  const shifts = type === 'ChatCreated' || ['status', 'assigneeId'].some((field) => field in (event.previous ?? {}));
  return shifts ? [ClientIdSchema.parse(subject.id)] : [];
};

/** The latest message of each client that is told of, in their order. */
const heardIn = (events: readonly DomainEvent[]): Map<ChatId, MessageId> => {
  const heard = new Map<ChatId, MessageId>();
  const received = events.flatMap((event) => (event.type === 'MessageReceived' ? [event.data] : []));
  for (const { chatId, id } of received.toSorted((one, other) => (one.id < other.id ? -1 : 1))) heard.set(chatId, id);
  return heard;
};

/**
 * Gives the chats that nobody has, and whose clients wrote, to users, as the tenant's settings say; keeps count of how
 * many open chats each user has. Doing it twice, or twice at once, changes nothing more.
 */
export const assignChats = async (act: Act, events: readonly DomainEvent[]): Promise<void> => {
  const { assignment: mode } = await knownSettings(act.tenant);
  const heard: ReadonlyMap<ChatId, MessageId> = mode === 'off' ? new Map() : heardIn(events);
  const ids = [...new Set([...heard.keys(), ...events.flatMap(shiftedBy)])];
  for (let start = 0; start < ids.length; start += MOST_TOGETHER) {
    await settleTogether(act, mode, ids.slice(start, start + MOST_TOGETHER), heard);
  }
};
