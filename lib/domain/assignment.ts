import * as z from 'zod';
import type { AssignmentMode } from '../contract/settings.ts';
import { UserIdSchema, type MessageId, type UserId } from '../contract/vocabulary.ts';
import type { ChatRecord } from './chat.ts';
import { assigned, busyWith } from './chat-status.ts';

/** Whose turn is next, and how many open chats each user has: one for a tenant, changed by one at a time. */
export const LedgerSchema = z.object({
  /** Who was given a chat last. */
  last: UserIdSchema.nullable(),
  /** By user; who has none is not in it. */
  loads: z.record(z.string(), z.int()),
  revision: z.int(),
});
export type Ledger = z.infer<typeof LedgerSchema>;

/** A tenant in which nobody has been given a chat yet. */
export const emptyLedger: Ledger = { last: null, loads: {}, revision: 0 };

const loadOf = ({ loads }: Ledger, user: UserId): number => loads[user] ?? 0;

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
  return turns.toSorted((one, other) => loadOf(ledger, one) - loadOf(ledger, other))[0];
};

const counted = (ledger: Ledger, user: UserId | null, adds: 1 | -1): Ledger => {
  if (user === null) return ledger;
  const { [user]: load = 0, ...others } = ledger.loads;
  return { ...ledger, loads: load + adds === 0 ? others : { ...others, [user]: load + adds } };
};

/** What becomes of a chat that somebody is given, or that is counted for somebody else. */
export interface Turn {
  readonly before: ChatRecord;
  readonly after: ChatRecord;
}

/** Whether nobody has the open chat since its client wrote this. */
const asksForSomebody = (chat: ChatRecord, messageId: MessageId | undefined): boolean =>
  messageId !== undefined &&
  chat.state === 'active' &&
  chat.openedAt !== null &&
  chat.status === 'open' &&
  chat.assigneeId === null &&
  (chat.decidedAfter === null || chat.decidedAfter < messageId);

/** Which chats of these ask for somebody, by the latest message that was heard of. */
export const asking = (chats: readonly ChatRecord[], heard: ReadonlyMap<string, MessageId>): ChatRecord[] =>
  chats.filter((chat) => asksForSomebody(chat, heard.get(chat.id)));

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
  { mode, asking: waiting, users }: Shift,
): { readonly ledger: Ledger; readonly turns: readonly Turn[] } => {
  const turns: Turn[] = [];
  let ledger = before;
  for (const chat of chats) {
    const assignee = mode !== 'off' && waiting.includes(chat) ? nextAssignee(mode, ledger, users) : undefined;
    const given = assignee === undefined ? chat : assigned(chat, assignee);
    const countedFor = busyWith(given);
    if (assignee !== undefined) ledger = { ...ledger, last: assignee };
    if (given === chat && countedFor === chat.countedFor) continue;
    ledger = counted(counted(ledger, chat.countedFor, -1), countedFor, 1);
    turns.push({ before: chat, after: { ...given, countedFor } });
  }
  return { ledger, turns };
};
