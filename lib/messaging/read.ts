import type { ChatId, MessageId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import type { ChatRecord } from '../domain/chat.ts';
import { Failure } from '../domain/failure.ts';
import type { MessageRecord } from '../domain/message.ts';
import { chatEvent, messageEvent } from '../domain/occurrence.ts';
import { leaveUnread } from '../table/chat-entry.ts';
import { getChat } from '../table/chats.ts';
import { getMessageWithChat, listUnread, replaceMessage } from '../table/messages.ts';
import { announce } from '../table/outbox.ts';
import { commit, Raced, untilUndisturbed, type Step } from '../table/transaction.ts';

const read = (act: Act, message: MessageRecord): MessageRecord => ({
  ...message,
  readAt: instant(act.now()),
  revision: message.revision + 1,
});

const readSteps = (act: Act, before: MessageRecord, after: MessageRecord): Step[] => [
  replaceMessage(act.tenant, before, after),
  announce(messageEvent(act, 'MessageRead', after, before)),
];

/**
 * The chat with so many unread messages fewer. It was not read at the same moment as its messages, so that it may not
 * know yet of all that are unread, or know already that some are not.
 */
const withFewerUnread = (chat: ChatRecord, count: number): ChatRecord => {
  if (chat.unreadCount < count) throw new Raced('The chat changed while its messages were read.');
  return { ...chat, unreadCount: chat.unreadCount - count };
};

/** Marks one message of the client as read; again changes nothing. One read and one transaction. */
export const markMessageRead = (act: Act, chatId: ChatId, id: MessageId): Promise<MessageRecord> =>
  untilUndisturbed(async () => {
    const { message, chat } = await getMessageWithChat(act.tenant, chatId, id);
    if (message.direction === 'outbound') {
      throw new Failure('message.not-inbound', 'Our own messages are read by the client, not by us.');
    }
    if (message.readAt !== null) return message;
    const after = read(act, message);
    await commit(act.tenant, [
      leaveUnread(act.tenant, chat, 1),
      ...readSteps(act, message, after),
      announce(chatEvent(act, 'ChatUpdated', withFewerUnread(chat, 1), chat)),
    ]);
    return after;
  });

/** A transaction takes 100 steps; a message takes two, its chat one more, the chat's event another. */
const BATCH = 45;

const markBatch = (act: Act, chatId: ChatId, upTo: MessageId | undefined) =>
  untilUndisturbed(async () => {
    const [chat, listed] = await Promise.all([
      getChat(act.tenant, chatId),
      listUnread(act.tenant, chatId, upTo, BATCH),
    ]);
    const unread = listed.filter(({ readAt }) => readAt === null);
    if (unread.length === 0 || chat.unreadCount === 0) return { chat, left: false };
    const after = withFewerUnread(chat, unread.length);
    await commit(act.tenant, [
      leaveUnread(act.tenant, chat, unread.length),
      ...unread.flatMap((message) => readSteps(act, message, read(act, message))),
      announce(chatEvent(act, 'ChatUpdated', after, chat)),
    ]);
    return { chat: after, left: listed.length === BATCH };
  });

/** Marks all messages of the client as read, or all up to one. A read and a transaction for each 45 of them. */
export const markChatRead = async (act: Act, chatId: ChatId, upTo: MessageId | undefined): Promise<ChatRecord> => {
  for (;;) {
    const { chat, left } = await markBatch(act, chatId, upTo);
    if (!left) return chat;
  }
};
