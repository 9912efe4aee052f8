import type { ChatInput } from '../contract/chats.ts';
import { UserIdSchema, type UserId } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import type { ChatRecord } from './chat.ts';
import { Failure } from './failure.ts';

/** Whether there is something to be done in a chat, and since when. */
export type Standing = Pick<ChatRecord, 'status' | 'snoozedUntil' | 'resolvedAt' | 'openSince'>;

type Wish = Pick<ChatInput, 'status' | 'snoozedUntil'>;

export const standingOf = ({ status, snoozedUntil, resolvedAt, openSince }: Standing): Standing => ({
  status,
  snoozedUntil,
  resolvedAt,
  openSince,
});

/** Whether somebody would have decided the same. */
export const sameStanding = (one: Wish, other: Wish): boolean =>
  one.status === other.status && one.snoozedUntil === other.snoozedUntil;

/** How long it took to resolve a chat is from `openSince` to `resolvedAt`; snoozing does not stop the clock. */
const standingBy = (before: Standing, { status, snoozedUntil }: Wish, at: string): Standing => {
  const wasResolved = before.status === 'resolved';
  if (status === 'resolved') {
    return { ...standingOf(before), status, snoozedUntil: null, resolvedAt: wasResolved ? before.resolvedAt : at };
  }
  return { status, snoozedUntil, resolvedAt: null, openSince: wasResolved ? at : before.openSince };
};

const OPEN: Wish = { status: 'open', snoozedUntil: null };

/** `version` counts each change of what a user can decide, whoever decides it. */
const standing = (chat: ChatRecord, wish: Wish, at: string): ChatRecord =>
  sameStanding(chat, wish) ? chat : { ...chat, ...standingBy(chat, wish, at), version: chat.version + 1 };

/** A chat in which there is something to be done again: its client wrote, or the time to come back to it has come. */
export const reopened = (chat: ChatRecord, at: string): ChatRecord => standing(chat, OPEN, at);

/** The chat once it is in the inbox; one that is there already stays as it is. */
export const opened = (chat: ChatRecord, at: string): ChatRecord =>
  chat.openedAt === null ? { ...reopened(chat, at), openedAt: at, openSince: at } : chat;

/** The chat that somebody else has, or nobody. Whatever was written before asks for no one any more. */
export const assigned = (chat: ChatRecord, assigneeId: UserId | null): ChatRecord =>
  chat.assigneeId === assigneeId
    ? chat
    : { ...chat, assigneeId, decidedAfter: chat.lastMessage?.id ?? chat.decidedAfter, version: chat.version + 1 };

/**
 * The opened chat as a user wants it; the same one where nothing changes by that. One request is one version.
 *
 * @throws Failure `chat.snooze-past`
 */
export const replaceChat = (act: Act, chat: ChatRecord, { assigneeId, ...wish }: ChatInput): ChatRecord => {
  const at = instant(act.now());
  if (wish.snoozedUntil !== null && wish.snoozedUntil <= at) {
    throw new Failure('chat.snooze-past', `It is ${at} now: say a later time in snoozedUntil.`);
  }
  const after = assigned(standing(chat, wish, at), assigneeId);
  return after === chat ? chat : { ...after, version: chat.version + 1 };
};

/** Whose open chats this one is among. */
export const busyWith = ({ state, openedAt, status, assigneeId }: ChatRecord): UserId | null =>
  state === 'active' && openedAt !== null && status === 'open' && assigneeId !== null
    ? UserIdSchema.parse(assigneeId)
    : null;
