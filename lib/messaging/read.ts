import type { ChatId, MessageId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import type { ChatRecord } from '../domain/chat.ts';
import { Failure } from '../domain/failure.ts';
import type { MessageRecord } from '../domain/message.ts';
import { chatEvent, messageEvent } from '../domain/occurrence.ts';
import { leaveAbsorbedUnread, leaveUnread } from '../table/chat-entry.ts';
import { getChat } from '../table/chats.ts';
import { getMessageWithChat, listUnread, replaceMessage } from '../table/messages.ts';
import { announce } from '../table/outbox.ts';
import { commit, Raced, untilUndisturbed, type Step } from '../table/transaction.ts';

/** What was read of a chat, and of each collection that its messages stand in. */
const leaveSteps = (act: Act, chat: ChatRecord, messages: readonly MessageRecord[]): Step[] => {
  const elsewhere = messages.filter(({ chatId }) => chatId !== chat.id);
  return [
    leaveUnread(act.tenant, chat, messages.length),
    ...[...Map.groupBy(elsewhere, ({ chatId }) => chatId)].map(([home, read]) =>
      leaveAbsorbedUnread(act.tenant, home, read.length),
    ),
  ];
};

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
      ...leaveSteps(act, chat, [message]),
      ...readSteps(act, message, after),
      announce(chatEvent(act, 'ChatUpdated', withFewerUnread(chat, 1), chat)),
    ]);
    return after;
  });

/** A transaction takes 100 steps; a message takes two, its chat and the 10 that it absorbed one each, the chat's event another. */
const BATCH = 44;

const markBatch = (act: Act, chatId: ChatId, upTo: MessageId | undefined) =>
  untilUndisturbed(async () => {
    const chat = await getChat(act.tenant, chatId);
    const listed = await listUnread(act.tenant, [chatId, ...chat.absorbed], upTo, BATCH);
    const unread = listed.filter(({ readAt }) => readAt === null);
    if (unread.length === 0 || chat.unreadCount === 0) return { chat, left: false };
    const after = withFewerUnread(chat, unread.length);
    await commit(act.tenant, [
      ...leaveSteps(act, chat, unread),
      ...unread.flatMap((message) => readSteps(act, message, read(act, message))),
      announce(chatEvent(act, 'ChatUpdated', after, chat)),
    ]);
    return { chat: after, left: listed.length === BATCH };
  });

/** Marks all messages of the client as read, or all up to one. Two reads and a transaction for each 44 of them. */
export const markChatRead = async (act: Act, chatId: ChatId, upTo: MessageId | undefined): Promise<ChatRecord> => {
  for (;;) {
    const { chat, left } = await markBatch(act, chatId, upTo);
    if (!left) return chat;
  }
};
