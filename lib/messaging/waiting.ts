import { environment } from '../config/environment.ts';
import type { ChatId, MessageId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import { heldBefore, type ChatRecord } from '../domain/chat.ts';
import { keepsPlace, postpone } from '../domain/delivery.ts';
import type { MessageRecord } from '../domain/message.ts';
import { givePlaceUp, holdPlace } from '../table/chat-entry.ts';
import { findChats } from '../table/chats.ts';
import { changeMessage, findMessage } from '../table/messages.ts';
import { MessageIdSchema } from '../contract/vocabulary.ts';
import { commit } from '../table/transaction.ts';

interface Named {
  readonly chatId: ChatId;
  readonly id: MessageId;
}

/** A queued message leaves the queue; the due job brings it back. Later ones of its chat do not overtake it. */
export const waitOutside = (act: Act, { chatId, id }: Named, dueAt: string): Promise<unknown> =>
  changeMessage(act, chatId, id, (message) => {
    const next = message.status === 'queued' ? postpone(message, dueAt) : undefined;
    return next && { next, also: keepsPlace(message) ? [holdPlace(act.tenant, message)] : [] };
  });

/**
 * The oldest message of the same channel that waits outside the queue and that this one may not overtake. One that is
 * found not to wait any more gives its place up.
 */
export const findAhead = async (
  act: Act,
  chat: ChatRecord,
  message: MessageRecord,
): Promise<MessageRecord | undefined> => {
  if (!keepsPlace(message)) return undefined;
  // What waits in a chat that this one absorbed was written before it, too.
  const chats = [chat, ...(await findChats(act.tenant, chat.absorbed))];
  const waiting = chats.flatMap(({ id: chatId, held }) => heldBefore(held, message.id).map((id) => ({ chatId, id })));
  for (const { chatId, id } of waiting.toSorted((one, other) => (one.id < other.id ? -1 : 1))) {
    const held = await findMessage(act.tenant, chatId, MessageIdSchema.parse(id));
    if (held?.status !== 'queued') await commit(act.tenant, [givePlaceUp(act.tenant, { chatId, id })]);
    else if (held.channelId === message.channelId) return held;
  }
  return undefined;
};

/** Behind another message: looked at again when that one is, but soon. */
export const dueBehind = (act: Act, ahead: MessageRecord): string => {
  const soon = secondsAfter(act.now(), environment().PROBE_SECONDS);
  const { dueAt } = ahead;
  return dueAt !== null && dueAt > instant(act.now()) && dueAt < soon ? dueAt : soon;
};
