import * as z from 'zod';
import { ChatSchema } from './chats.ts';
import { MessageSchema } from './messages.ts';
import { route } from './route.ts';
import { ChatIdSchema, InstantSchema, MessageIdSchema, UserIdSchema } from './vocabulary.ts';

/** `at`: when the server looked. It is what a later catch-up begins from. */
const pushed = { version: z.int(), at: InstantSchema };

const ChatChangedSchema = z
  .object({
    type: z.literal('chat.changed'),
    id: ChatIdSchema,
    ...pushed,
    data: ChatSchema.nullable().meta({ description: 'null: the chat is there no more' }),
  })
  .meta({ id: 'ChatChanged' });

const ofMessage = { id: MessageIdSchema, ...pushed, data: MessageSchema };

const MessageCreatedSchema = z
  .object({ type: z.literal('message.created'), ...ofMessage })
  .meta({ id: 'MessageCreated' });

const MessageChangedSchema = z
  .object({ type: z.literal('message.changed'), ...ofMessage })
  .meta({ id: 'MessageChanged' });

const PresenceStateSchema = z.enum(['typing', 'looking', 'idle']);

/** Holds until `until` unless something newer is heard. `id` is the chat's. */
export const PresenceSchema = z
  .object({
    type: z.literal('presence'),
    id: ChatIdSchema,
    ...pushed,
    data: z.object({ chatId: ChatIdSchema, userId: UserIdSchema, state: PresenceStateSchema, until: InstantSchema }),
  })
  .meta({ id: 'Presence' });
export type Presence = z.infer<typeof PresenceSchema>;

/** What a chat or a message has become. Of two with the same id the one with the higher version is the newer. */
export const ChangeSchema = z
  .discriminatedUnion('type', [ChatChangedSchema, MessageCreatedSchema, MessageChangedSchema])
  .meta({ id: 'PushedChange' });
export type Change = z.infer<typeof ChangeSchema>;

/** What the server answers to a frame. */
export const ReplySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('pong'), at: InstantSchema }),
  z.object({ type: z.literal('error'), code: z.string(), detail: z.string() }),
]);
export type SocketReply = z.infer<typeof ReplySchema>;

/** What a client may send. */
export const SignalSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ping') }),
  z.strictObject({ type: PresenceStateSchema, chatId: ChatIdSchema }),
]);

export const TicketSchema = z
  .object({
    url: z.url().meta({ description: 'A WebSocket address that can be connected to once' }),
    expiresAt: InstantSchema.meta({ description: 'When it can no longer be connected to' }),
  })
  .meta({ id: 'RealtimeTicket' });

const tag = 'Real time';

/** A repeated request gets a ticket of its own: what lets somebody in is not kept to be told again. */
export const createTicket = route({
  id: 'createTicket',
  method: 'POST',
  path: '/crm/realtime/tickets',
  tag,
  summary: 'Gives an address at which changes are pushed, good for one connection within a minute',
  permission: 'Chat.Read',
  result: TicketSchema,
  statuses: [201],
});

export const listChanges = route({
  id: 'listChanges',
  method: 'GET',
  path: '/crm/changes',
  tag,
  summary: 'Lists what changed since the last push that was heard, as it is now',
  permission: 'Chat.Read',
  query: z.strictObject({
    since: InstantSchema.meta({ description: '`at` of the last push or pong, or `next` of the last catch-up' }),
    cursor: z.string().min(1).max(4096).optional().meta({ description: 'nextCursor of the page before' }),
  }),
  result: z.object({
    items: z.array(ChangeSchema),
    next: InstantSchema.meta({ description: '`since` of the next catch-up, once there is no next page' }),
    nextCursor: z.string().nullable(),
  }),
  problems: ['cursor.invalid', 'changes.gone'],
});
