import * as z from 'zod';
import { MemberSchema, MessageSchema } from './messages.ts';
import { pageOf, PageQuerySchema, route } from './route.ts';
import {
  ChannelIdSchema,
  ChatIdSchema,
  ClientIdSchema,
  ContactIdSchema,
  InstantSchema,
  MessageIdSchema,
  TransportSchema,
  UserIdSchema,
} from './vocabulary.ts';

export const ChatStatusSchema = z.enum(['open', 'resolved', 'snoozed']).meta({ id: 'ChatStatus' });

/** One chat per client; its id is its client's id. */
export const ChatSchema = z
  .object({
    id: ChatIdSchema,
    clientId: ClientIdSchema,
    client: z.object({ firstName: z.string(), lastName: z.string().nullable() }),
    status: ChatStatusSchema,
    snoozedUntil: InstantSchema.nullable().default(null).meta({ description: 'When a snoozed chat is open again' }),
    openSince: InstantSchema.nullable()
      .default(null)
      .meta({ description: 'When it was opened, or last opened again after it had been resolved' }),
    resolvedAt: InstantSchema.nullable().default(null).meta({ description: 'null: not resolved' }),
    assigneeId: UserIdSchema.nullable(),
    unreadCount: z.int().min(0),
    lastMessageAt: InstantSchema.nullable(),
    lastMessage: z
      .object({
        id: MessageIdSchema,
        direction: z.enum(['inbound', 'outbound']),
        text: z.string(),
        transport: TransportSchema,
        channelId: ChannelIdSchema.nullable().default(null),
        createdAt: InstantSchema,
      })
      .nullable(),
    whatsapp: z
      .object({ windowOpen: z.boolean(), windowEndsAt: InstantSchema })
      .nullable()
      .default(null)
      .meta({ description: 'Until when WhatsApp takes more than templates; null: the client never wrote on it' }),
    createdAt: InstantSchema,
    version: z.int(),
  })
  .meta({ id: 'Chat' });
export type Chat = z.infer<typeof ChatSchema>;

export const ChatWithMessagesSchema = ChatSchema.extend({
  members: z.array(MemberSchema),
  messages: z.array(MessageSchema),
}).meta({ id: 'ChatWithMessages' });

export const ChatInputSchema = z
  .strictObject({
    status: ChatStatusSchema.default('open'),
    snoozedUntil: InstantSchema.nullable()
      .default(null)
      .meta({ description: 'When a snoozed chat is to be open again; earlier if the client writes' }),
    assigneeId: UserIdSchema.nullable().default(null).meta({ description: 'An active user; null: nobody' }),
  })
  .refine(({ status, snoozedUntil }) => status !== 'snoozed' || snoozedUntil !== null, {
    path: ['snoozedUntil'],
    message: 'is needed for a snoozed chat',
  })
  .refine(({ status, snoozedUntil }) => status === 'snoozed' || snoozedUntil === null, {
    path: ['snoozedUntil'],
    message: 'is for snoozed chats alone',
  })
  .meta({ id: 'ChatInput' });
export type ChatInput = z.infer<typeof ChatInputSchema>;

const chatPath = z.strictObject({ chatId: ChatIdSchema });
const tag = 'Chats';

export const listChats = route({
  id: 'listChats',
  method: 'GET',
  path: '/crm/chats',
  tag,
  summary: 'Lists chats by their latest message',
  permission: 'Chat.Read',
  query: PageQuerySchema.extend({
    unread: z.enum(['true', 'false']).optional().meta({ description: 'true: only chats with unread messages' }),
    status: ChatStatusSchema.optional().meta({ description: 'Unless said: open, or any with unread or assigneeId' }),
    assigneeId: UserIdSchema.optional().meta({ description: 'A user; me: who asks; none: nobody has the chat' }),
    transport: TransportSchema.optional().meta({ description: 'of the latest message' }),
    channelId: ChannelIdSchema.optional().meta({ description: 'of the latest message' }),
  }),
  result: pageOf(ChatSchema),
  problems: ['cursor.invalid'],
});

export const openChat = route({
  id: 'openChat',
  method: 'POST',
  path: '/crm/chats',
  tag,
  summary: "Opens a client's chat: 201 when it is new, 200 when there is one",
  permission: 'Chat.Create',
  body: z.strictObject({ clientId: ClientIdSchema }),
  result: ChatSchema,
  statuses: [200, 201],
  problems: ['resource.not-found'],
  creates: true,
});

export const getChat = route({
  id: 'getChat',
  method: 'GET',
  path: '/crm/chats/{chatId}',
  tag,
  summary: 'Gets a chat with its members and latest 50 messages',
  permission: 'Chat.Read',
  params: chatPath,
  result: ChatWithMessagesSchema,
  problems: ['resource.not-found'],
});

export const replaceChat = route({
  id: 'replaceChat',
  method: 'PUT',
  path: '/crm/chats/{chatId}',
  tag,
  summary: 'Says who has a chat, and whether it is open, resolved or snoozed; opens one that was never opened',
  permission: 'Chat.Update',
  params: chatPath,
  body: ChatInputSchema,
  result: ChatSchema,
  problems: ['resource.not-found', 'version.stale', 'chat.snooze-past', 'assignee.unknown', 'assignee.inactive'],
});

export const markChatRead = route({
  id: 'markChatRead',
  method: 'PUT',
  path: '/crm/chats/{chatId}/read',
  tag,
  summary: 'Marks all messages as read, or all up to one',
  permission: 'Chat.Update',
  params: chatPath,
  body: z.strictObject({ upToMessageId: MessageIdSchema.optional() }).optional(),
  result: ChatSchema,
  problems: ['resource.not-found'],
});

const memberName = z.string().trim().min(1).max(100);

/** Who is to take part: a user, an address of the client, or a service. */
export const NewMemberSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('user'),
      userId: UserIdSchema,
      name: memberName.nullable().default(null),
    }),
    z.strictObject({
      type: z.literal('client'),
      contactId: ContactIdSchema.nullable().meta({ description: "null: the client's own phone" }),
      name: memberName.nullable().default(null).meta({ description: "Unless said: the client's" }),
    }),
    z.strictObject({
      type: z.enum(['system', 'other']),
      name: memberName.meta({ description: 'Two services of one name are the same' }),
    }),
  ])
  .meta({ id: 'NewMember' });
export type NewMember = z.infer<typeof NewMemberSchema>;

const memberPath = z.strictObject({ chatId: ChatIdSchema, memberId: z.string().min(1).max(500) });

export const addMember = route({
  id: 'addMember',
  method: 'POST',
  path: '/crm/chats/{chatId}/members',
  tag,
  summary: 'Adds a member by hand: 201 when it is new, 200 when it takes part already',
  permission: 'Chat.Update',
  params: chatPath,
  body: NewMemberSchema,
  result: MemberSchema,
  statuses: [200, 201],
  problems: ['resource.not-found'],
  creates: true,
});

export const removeMember = route({
  id: 'removeMember',
  method: 'DELETE',
  path: '/crm/chats/{chatId}/members/{memberId}',
  tag,
  summary: 'Removes a member; who writes takes part again',
  permission: 'Chat.Update',
  params: memberPath,
  problems: ['resource.not-found'],
});

export const listMembers = route({
  id: 'listMembers',
  method: 'GET',
  path: '/crm/chats/{chatId}/members',
  tag,
  summary: 'Lists who took part in a chat',
  permission: 'Chat.Read',
  params: chatPath,
  query: PageQuerySchema,
  result: pageOf(MemberSchema),
  problems: ['resource.not-found', 'cursor.invalid'],
});
