import type { AssignmentMode } from '../contract/settings.ts';
import { ClientIdSchema, UserIdSchema, type ChatId, type MessageId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { asksSince, givenAtOnce, takeTurns, waits } from '../domain/assignment.ts';
import type { ChatRecord } from '../domain/chat.ts';
import type { DomainEvent, EventType } from '../events/catalogue.ts';
import { findAvailable, findLedger, writeTurns } from '../table/assignments.ts';
import { findUnassigned } from '../table/chat-lists.ts';
import { findChats } from '../table/chats.ts';
import { getSettings } from '../table/settings.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import { knownUser } from '../table/users.ts';
import { inLots } from './side-by-side.ts';

/** A chat takes two steps of a transaction, and whoever is given it another. */
const MOST_TOGETHER = 30;

interface Giving {
  readonly mode: AssignmentMode;
  /** Which of these chats are to be given to somebody. */
  readonly asking: (chats: readonly ChatRecord[]) => Promise<ChatRecord[]> | ChatRecord[];
}

/**
 * The ledger is read last, since all that give chats of a tenant meet there: the less time passes until it is written, the
 * more seldom they do. All else that was read is a condition of the write as well. Two reads, and one query of the users
 * where there is a chat to be given.
 */
const settleTogether = (act: Act, ids: readonly ChatId[], { mode, asking: ask }: Giving): Promise<void> =>
  untilUndisturbed(async () => {
    const found = await findChats(act.tenant, ids);
    const chats = ids.flatMap((id) => found.filter((chat) => chat.id === id));
    const asking = mode === 'off' ? [] : await ask(chats);
    const users = asking.length === 0 ? [] : await findAvailable(act.tenant);
    const before = await findLedger(act.tenant);
    const { ledger: after, turns } = takeTurns(before, chats, { mode, asking, users });
    if (turns.length > 0) await writeTurns(act, { before, after }, turns);
  });

const settle = async (act: Act, ids: readonly ChatId[], giving: Giving): Promise<void> => {
  for (const lot of inLots(ids, MOST_TOGETHER)) await settleTogether(act, lot, giving);
};

/** Counts these chats for whoever has them now: for nobody, once they are hidden, merged or erased. */
export const countChats = (act: Act, ids: readonly ChatId[]): Promise<void> =>
  settle(act, ids, { mode: 'off', asking: () => [] });

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

/** The latest message of each client that is told of. */
const heardIn = (events: readonly DomainEvent[]): Map<ChatId, MessageId> => {
  const heard = new Map<ChatId, MessageId>();
  const received = events.flatMap((event) => (event.type === 'MessageReceived' ? [event.data] : []));
  for (const { chatId, id } of received.toSorted((one, other) => (one.id < other.id ? -1 : 1))) heard.set(chatId, id);
  return heard;
};

/** Whether there may be somebody now to be given what waits: who came, or came back, or that chats are given at all. */
const bringsSomebody = ({ type, data, previous = {} }: DomainEvent): boolean => {
  switch (type) {
    case 'UserCreated':
      return true;
    case 'UserUpdated':
      return data.active && data.availability === 'available' && ('active' in previous || 'availability' in previous);
    case 'SettingsUpdated':
      return data.assignment !== 'off' && 'assignment' in previous;
    default:
      return false;
  }
};

/** Who of those that have these chats was deactivated, as far as is known. One read for each who was not seen lately. */
const goneOf = async ({ tenant }: Act, chats: readonly ChatRecord[]): Promise<Set<string>> => {
  const ids = new Set(chats.flatMap(({ assigneeId }) => (assigneeId === null ? [] : [assigneeId])));
  const users = await Promise.all([...ids].map((id) => knownUser(tenant, UserIdSchema.parse(id))));
  return new Set(users.flatMap((user) => (user?.active === false ? [user.id] : [])));
};

/** Gives chats that wait to those who are there now. Two queries, and what it takes to give them. */
const giveWaiting = async (act: Act, mode: AssignmentMode): Promise<void> => {
  const users = await findAvailable(act.tenant);
  if (users.length === 0) return;
  const waiting = (await findUnassigned(act.tenant)).filter(waits);
  await settle(act, givenAtOnce(waiting, users.length), { mode, asking: (chats) => chats.filter(waits) });
};

/**
 * Gives the chats that nobody has, and whose clients wrote, to users, as the tenant's settings say; keeps count of how
 * many open chats each user has. Doing it twice, or twice at once, changes nothing more.
 */
export const assignChats = async (act: Act, events: readonly DomainEvent[]): Promise<void> => {
  const heard = heardIn(events);
  const comes = events.some(bringsSomebody);
  // Not as they were a few seconds ago: a message that is heard of while nothing is given is not heard of again.
  const mode = heard.size > 0 || comes ? (await getSettings(act.tenant)).assignment : 'off';
  const shifted = events.flatMap(shiftedBy);
  const ids = new Set(mode === 'off' ? shifted : [...heard.keys(), ...shifted]);
  await settle(act, [...ids], {
    mode,
    asking: async (chats) => {
      const written = chats.filter(({ id }) => heard.has(id));
      const gone = await goneOf(act, written);
      return written.filter((chat) => asksSince(chat, heard.get(chat.id), gone));
    },
  });
  if (comes && mode !== 'off') await giveWaiting(act, mode);
};
