import * as z from 'zod';
import { ChatSchema } from '../contract/chats.ts';
import type { Message } from '../contract/messages.ts';
import {
  ChannelIdSchema,
  ClientIdSchema,
  MessageIdSchema,
  TransportSchema,
  UserIdSchema,
  type ChannelId,
  type Transport,
} from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import type { ClientRecord } from './client.ts';

/** Where a client last wrote from on a transport, and to which channel. */
const RouteBackSchema = z.object({
  channelId: ChannelIdSchema,
  address: z.string(),
  /** When, on WhatsApp. */
  at: z.string().optional(),
});
export type RouteBack = z.infer<typeof RouteBackSchema>;

/**
 * A chat's head as it is stored. It exists from the client's creation on, and guards everything that enters the chat:
 * nothing is written to a chat whose state is not `active`.
 */
export const ChatRecordSchema = ChatSchema.omit({ whatsapp: true }).extend({
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
  /** The latest message when it was last decided who has the chat: that the client wrote it, or one before, asks for nobody. */
  decidedAfter: MessageIdSchema.nullable().default(null),
  /** In whose number of open chats this one is counted; it follows a moment later. */
  countedFor: UserIdSchema.nullable().default(null),
  /** In which recount that was last counted. */
  countedIn: z.int().default(0),
  /** Whether a message was ever scheduled in this chat, or in one that it continues. */
  schedules: z.boolean().default(false),
  /** Keyed by transport; on WhatsApp by transport and channel as well. */
  routesBack: z.record(z.string(), RouteBackSchema),
});
export type ChatRecord = z.infer<typeof ChatRecordSchema>;

/** The head that is made with its client. */
export const newChat = (act: Act, client: ClientRecord): ChatRecord => ({
  id: client.id,
  clientId: client.id,
  client: { firstName: client.firstName, lastName: client.lastName },
  status: 'open',
  snoozedUntil: null,
  openSince: null,
  resolvedAt: null,
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
  decidedAfter: null,
  countedFor: null,
  countedIn: 0,
  schedules: false,
  routesBack: {},
});

/** Long texts are shortened: a list of chats shows the beginning only. */
export const digest = (message: Message): NonNullable<ChatRecord['lastMessage']> => ({
  id: message.id,
  direction: message.direction,
  // A cut must not leave half of an emoji.
  text: message.text.slice(0, 300).replace(/[\ud800-\udbff]$/, ''),
  transport: message.transport,
  channelId: message.channelId,
  createdAt: message.createdAt,
});

/** The head keeps the ways back by these names: a transport, or a transport and a channel. */
export const transportOfRoute = (route: string): Transport => TransportSchema.parse(route.split(':')[0]);

export const whatsappRoute = (channelId: ChannelId): string => `whatsapp:${channelId}`;

/**
 * By which ways its client can be answered, since it wrote this. For how long that may be in one's own words is a matter
 * of each WhatsApp number, so that each is remembered.
 *
 * @param known what a message that was brought in late leaves as it is, where the client has written since
 */
export const waysBack = (
  message: Message,
  from: RouteBack,
  known: ChatRecord['routesBack'] = {},
): Record<string, RouteBack> => {
  if (message.transport !== 'whatsapp') return { [message.transport]: from };
  const way = { ...from, at: message.providerTime ?? message.createdAt };
  const routes = [message.transport, whatsappRoute(from.channelId)].filter(
    (route) => (known[route]?.at ?? '') <= way.at,
  );
  return Object.fromEntries(routes.map((route) => [route, way]));
};

export const routeBack = (chat: Pick<ChatRecord, 'routesBack'>, transport: Transport) => chat.routesBack[transport];

/** The messages that wait outside the queue and were written before this one, oldest first. */
export const heldBefore = (held: ChatRecord['held'], messageId: string): string[] =>
  [...held].filter((id) => id < messageId).sort();
