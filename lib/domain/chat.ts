import * as z from 'zod';
import { ChatSchema } from '../contract/chats.ts';
import type { Message } from '../contract/messages.ts';
import {
  ChannelIdSchema,
  ClientIdSchema,
  TransportSchema,
  type ChannelId,
  type Transport,
} from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import type { ClientRecord } from './client.ts';

/** Where a client last wrote from on a transport, and to which channel. */
const RouteBackSchema = z.object({ channelId: ChannelIdSchema, address: z.string() });

/**
 * A chat's head as it is stored. It exists from the client's creation on, and guards everything that enters the chat:
 * nothing is written to a chat whose state is not `active`.
 */
export const ChatRecordSchema = ChatSchema.extend({
  state: z.enum(['active', 'deleted', 'absorbed', 'erased']),
  /** The chats that this one continues, since its client was merged with theirs. */
  absorbed: z.array(ClientIdSchema).default([]),
  /** When the chat was opened, by a user or by its first message; `null`: not in the inbox yet. */
  openedAt: z.string().nullable().default(null),
  lastInboundTransport: TransportSchema.nullable(),
  /**
   * Outbound messages that wait outside the queue: for a long pause that the provider asked for, or for a failing
   * channel. Later ones of the same channel may not overtake them.
   */
  held: z.set(z.string()).default(() => new Set<string>()),
  /** Keyed by transport. */
  routesBack: z.record(z.string(), RouteBackSchema),
});
export type ChatRecord = z.infer<typeof ChatRecordSchema>;

/** The head that is made with its client. */
export const newChat = (act: Act, client: ClientRecord): ChatRecord => ({
  id: client.id,
  clientId: client.id,
  client: { firstName: client.firstName, lastName: client.lastName },
  status: 'open',
  assigneeId: null,
  unreadCount: 0,
  lastMessageAt: null,
  lastMessage: null,
  createdAt: instant(act.now()),
  version: 1,
  state: 'active',
  absorbed: [],
  openedAt: null,
  lastInboundTransport: null,
  held: new Set(),
  routesBack: {},
});

/** Long texts are shortened: a list of chats shows the beginning only. */
export const digest = (message: Message): NonNullable<ChatRecord['lastMessage']> => ({
  id: message.id,
  direction: message.direction,
  // A cut must not leave half of an emoji.
  text: message.text.slice(0, 300).replace(/[\ud800-\udbff]$/, ''),
  transport: message.transport,
  createdAt: message.createdAt,
});

export const routeBack = (chat: ChatRecord, transport: Transport) => chat.routesBack[transport];

/** The chat of a client whose first message this is. */
export const chatOpenedBy = (
  chat: ChatRecord,
  message: Message,
  from: { readonly channelId: ChannelId; readonly address: string },
): ChatRecord => ({
  ...chat,
  status: 'open',
  unreadCount: chat.unreadCount + 1,
  lastMessageAt: message.createdAt,
  lastMessage: digest(message),
  openedAt: message.createdAt,
  lastInboundTransport: message.transport,
  routesBack: { ...chat.routesBack, [message.transport]: from },
});

/** The chat of a client to whom we write first. */
export const chatOpenedBySending = (chat: ChatRecord, message: Message): ChatRecord => ({
  ...chat,
  lastMessageAt: message.createdAt,
  lastMessage: digest(message),
  openedAt: message.createdAt,
});

/** The messages that wait outside the queue and were written before this one, oldest first. */
export const heldBefore = (held: ChatRecord['held'], messageId: string): string[] =>
  [...held].filter((id) => id < messageId).sort();
