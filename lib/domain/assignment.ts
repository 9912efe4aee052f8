import * as z from 'zod';
import type { AssignmentMode } from '../contract/settings.ts';
import { UserIdSchema, type ChatId, type MessageId, type UserId } from '../contract/vocabulary.ts';
import type { ChatRecord } from './chat.ts';
import { assigned, busyWith } from './chat-status.ts';
import type { UserRecord } from './user.ts';

/** By user; who has none is not in it. */
const LoadsSchema = z.record(z.string(), z.int());
type Loads = z.infer<typeof LoadsSchema>;

/** Whose turn is next, and how many open chats each user has: one for a tenant, changed by one at a time. */
export const LedgerSchema = z.object({
  /** Who was given a chat last. */
  last: UserIdSchema.nullable(),
  loads: LoadsSchema,
  /** While chats are counted anew: by which number a chat says that it was, and what was counted so far. */
  recount: z.object({ number: z.int(), loads: LoadsSchema }).nullable().default(null),
  revision: z.int(),
});
export type Ledger = z.infer<typeof LedgerSchema>;

/** A tenant in which nobody has been given a chat yet. */
export const emptyLedger: Ledger = { last: null, loads: {}, recount: null, revision: 0 };

/**
 * Who is asked to take chats: agents, or everybody where a tenant has no agent at work. Of these, who is there. That all
 * agents are away does not ask those who look after them.
 */
export const availableAmong = (users: readonly UserRecord[]): UserId[] => {
  const active = users.filter((user) => user.active);
  const agents = active.filter(({ role }) => role === 'agent');
  const asked = agents.length > 0 ? agents : active;
  return asked.filter(({ availability }) => availability === 'available').map(({ id }) => id);
};

/** A user may be called what every object has, such as `constructor`. */
const loadOf = (loads: Loads, user: UserId): number => (Object.hasOwn(loads, user) ? (loads[user] ?? 0) : 0);

/** Everybody from whom it is the turn next to whom it was last. */
const inTurn = ({ last }: Ledger, users: readonly UserId[]): UserId[] => {
  const sorted = users.toSorted();
  const isLater = (user: UserId): boolean => last === null || user > last;
  return [...sorted.filter(isLater), ...sorted.filter((user) => !isLater(user))];
};

/** Who is to have the next chat; undefined when there is nobody to have it. */
export const nextAssignee = (
  mode: Exclude<AssignmentMode, 'off'>,
  ledger: Ledger,
  users: readonly UserId[],
): UserId | undefined => {
  const turns = inTurn(ledger, users);
  if (mode === 'round-robin') return turns[0];
  // Sorting is stable: among equals it is whose turn it is.
  return turns.toSorted((one, other) => loadOf(ledger.loads, one) - loadOf(ledger.loads, other))[0];
};

const added = (loads: Loads, user: UserId | null, adds: 1 | -1): Loads => {
  if (user === null) return loads;
  const load = loadOf(loads, user) + adds;
  const others = Object.entries(loads).filter(([each]) => each !== user);
  return Object.fromEntries(load === 0 ? others : [...others, [user, load]]);
};

const shifted = (loads: Loads, from: UserId | null, to: UserId | null): Loads => added(added(loads, from, -1), to, 1);

/** The chat counts for whoever has it now, and no more for whom it counted before. */
const counted = (ledger: Ledger, before: ChatRecord, after: ChatRecord): Ledger => {
  const { recount } = ledger;
  const from = before.countedIn === recount?.number ? before.countedFor : null;
  return {
    ...ledger,
    loads: shifted(ledger.loads, before.countedFor, after.countedFor),
    recount: recount && { ...recount, loads: shifted(recount.loads, from, after.countedFor) },
  };
};

/** What becomes of a chat that somebody is given, or that is counted for somebody else. */
export interface Turn {
  readonly before: ChatRecord;
  readonly after: ChatRecord;
}

const isNobodys = ({ state, openedAt, status, assigneeId }: ChatRecord, gone: ReadonlySet<string>): boolean =>
  state === 'active' && openedAt !== null && status === 'open' && (assigneeId === null || gone.has(assigneeId));

/**
 * Whether nobody has decided who has the open chat since its client wrote this.
 *
 * @param gone those who were deactivated: what they have is nobody's
 */
export const asksSince = (
  chat: ChatRecord,
  messageId: MessageId | undefined,
  gone: ReadonlySet<string> = new Set(),
): boolean =>
  messageId !== undefined && isNobodys(chat, gone) && (chat.decidedAfter === null || chat.decidedAfter < messageId);

/** Whether a client waits in this chat for somebody to have it. Of what was decided before, only the latest message tells. */
export const waits = (chat: ChatRecord): boolean => {
  if (chat.decidedAfter === null) return chat.lastInboundTransport !== null && isNobodys(chat, new Set());
  return chat.lastMessage?.direction === 'inbound' && asksSince(chat, chat.lastMessage.id);
};

/** Whoever comes is given no more than so many of the chats that wait, so that something is left for who comes next. */
export const MOST_EACH = 30;

/** Which of the chats that wait are given to so many users: the longest first. */
export const givenAtOnce = (waiting: readonly ChatRecord[], users: number): ChatId[] =>
  waiting
    .toSorted((one, other) => ((one.lastMessageAt ?? '') < (other.lastMessageAt ?? '') ? -1 : 1))
    .slice(0, MOST_EACH * users)
    .map(({ id }) => id);

interface Shift {
  readonly mode: AssignmentMode;
  /** Those of the chats that are to be given to somebody. */
  readonly asking: readonly ChatRecord[];
  /** Who is there to be given chats. */
  readonly users: readonly UserId[];
}

/** What becomes of chats and ledger: who asks is given to whose turn it is, and each counts for whoever has it now. */
export const takeTurns = (
  before: Ledger,
  chats: readonly ChatRecord[],
  { mode, asking, users }: Shift,
): { readonly ledger: Ledger; readonly turns: readonly Turn[] } => {
  const turns: Turn[] = [];
  let ledger = before;
  for (const chat of chats) {
    const assignee = mode !== 'off' && asking.includes(chat) ? nextAssignee(mode, ledger, users) : undefined;
    const given = assignee === undefined ? chat : assigned(chat, assignee);
    const countedFor = busyWith(given);
    const number = ledger.recount?.number ?? chat.countedIn;
    if (assignee !== undefined) ledger = { ...ledger, last: assignee };
    // What counts for nobody counts in no recount either.
    const isCounted = countedFor === null || chat.countedIn === number;
    if (given === chat && countedFor === chat.countedFor && isCounted) continue;
    const after = { ...given, countedFor, countedIn: number };
    ledger = counted(ledger, chat, after);
    turns.push({ before: chat, after });
  }
  return { ledger, turns };
};
