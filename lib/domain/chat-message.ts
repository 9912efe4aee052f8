import type { Message } from '../contract/messages.ts';
import { digest, waysBack, type ChatRecord, type RouteBack } from './chat.ts';
import { opened, reopened } from './chat-status.ts';

/** The chat with one more message of its client, which opens it, whatever it was before. */
export const chatWithInbound = (chat: ChatRecord, message: Message, from: RouteBack): ChatRecord => ({
  ...reopened(opened(chat, message.createdAt), message.createdAt),
  unreadCount: chat.unreadCount + 1,
  lastMessageAt: message.createdAt,
  lastMessage: digest(message),
  lastInboundTransport: message.transport,
  routesBack: { ...chat.routesBack, ...waysBack(message, from, chat.routesBack) },
});

/** The chat of a client to whom we write first. */
export const chatOpenedBySending = (chat: ChatRecord, message: Message): ChatRecord => ({
  ...opened(chat, message.createdAt),
  lastMessageAt: message.createdAt,
  lastMessage: digest(message),
});
