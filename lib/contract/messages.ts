import * as z from 'zod';
import { pageOf, PageQuerySchema, route } from './route.ts';
import {
  ChannelIdSchema,
  ChatIdSchema,
  ClientIdSchema,
  InstantSchema,
  MessageIdSchema,
  TransportSchema,
  UserIdSchema,
} from './vocabulary.ts';

export const SenderTypeSchema = z
  .enum(['user', 'client', 'telegram', 'whatsapp', 'sms', 'email', 'instagram', 'website', 'system', 'other'])
  .meta({ id: 'SenderType' });

/** Who wrote: a user of the tenant by id, a client by the address it wrote from. */
export const SenderSchema = z
  .object({
    type: SenderTypeSchema,
    id: z.string().nullable(),
    name: z.string().nullable(),
    address: z.string().nullable(),
    handle: z.string().nullable(),
  })
  .meta({ id: 'Sender' });
export type Sender = z.infer<typeof SenderSchema>;

export const MemberSchema = z
  .object({
    id: z.string(),
    type: SenderTypeSchema,
    userId: UserIdSchema.nullable(),
    name: z.string().nullable(),
    address: z.string().nullable(),
    handle: z.string().nullable(),
    channelId: ChannelIdSchema.nullable(),
    createdAt: InstantSchema,
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof MemberSchema>;

export const AttachmentSchema = z
  .object({
    uploadId: z.string().nullable(),
    name: z.string(),
    contentType: z.string(),
    size: z.int().min(0),
    state: z.enum(['pending', 'stored', 'failed']),
  })
  .meta({ id: 'Attachment' });

export const MessageStatusSchema = z
  .enum(['received', 'scheduled', 'queued', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read', 'cancelled'])
  .meta({ id: 'MessageStatus' });
export type MessageStatus = z.infer<typeof MessageStatusSchema>;

/** Immutable but for delivery and read marks. */
export const MessageSchema = z
  .object({
    id: MessageIdSchema,
    chatId: ChatIdSchema,
    clientId: ClientIdSchema,
    direction: z.enum(['inbound', 'outbound']),
    transport: TransportSchema,
    channelId: ChannelIdSchema.nullable(),
    sender: SenderSchema,
    text: z.string(),
    attachments: z.array(AttachmentSchema),
    status: MessageStatusSchema,
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    providerMessageId: z.string().nullable(),
    /** The provider's own time of an inbound message. */
    providerTime: InstantSchema.nullable(),
    templateId: z.string().nullable(),
    editOf: MessageIdSchema.nullable(),
    resendOf: MessageIdSchema.nullable(),
    correlationId: z.string(),
    createdAt: InstantSchema,
    sentAt: InstantSchema.nullable(),
    deliveredAt: InstantSchema.nullable(),
    readAt: InstantSchema.nullable(),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof MessageSchema>;

/** Text; how long it may be depends on the provider. Other fields are refused as unknown. */
export const NewMessageSchema = z
  .strictObject({
    text: z
      .string()
      .min(1)
      .refine((text) => text.trim() !== '', 'must not be blank'),
    transport: TransportSchema.optional().meta({ description: 'Unless said: the one the client last wrote on' }),
    channelId: ChannelIdSchema.optional().meta({ description: 'Unless said: the one the conversation is on' }),
  })
  .meta({ id: 'NewMessage' });
export type NewMessage = z.infer<typeof NewMessageSchema>;

const chatPath = z.strictObject({ chatId: ChatIdSchema });
const messagePath = z.strictObject({ chatId: ChatIdSchema, messageId: MessageIdSchema });
const tag = 'Messages';

const sending = [
  'resource.not-found',
  'contact.opted-out',
  'channel.disabled',
  'message.no-transport',
  'message.no-address',
  'message.no-channel',
  'message.limit',
] as const;

export const listMessages = route({
  id: 'listMessages',
  method: 'GET',
  path: '/crm/chats/{chatId}/messages',
  tag,
  summary: "Lists a chat's messages, newest first",
  permission: 'Message.Read',
  params: chatPath,
  query: PageQuerySchema,
  result: pageOf(MessageSchema),
  problems: ['resource.not-found', 'cursor.invalid'],
});

export const sendMessage = route({
  id: 'sendMessage',
  method: 'POST',
  path: '/crm/chats/{chatId}/messages',
  tag,
  summary: 'Sends a message to the client',
  permission: 'Message.Send',
  params: chatPath,
  body: NewMessageSchema,
  result: MessageSchema,
  statuses: [202],
  problems: sending,
  creates: true,
});

export const getMessage = route({
  id: 'getMessage',
  method: 'GET',
  path: '/crm/chats/{chatId}/messages/{messageId}',
  tag,
  summary: 'Gets a message',
  permission: 'Message.Read',
  params: messagePath,
  result: MessageSchema,
  problems: ['resource.not-found'],
});

export const resendMessage = route({
  id: 'resendMessage',
  method: 'POST',
  path: '/crm/chats/{chatId}/messages/{messageId}/resend',
  tag,
  summary: 'Sends a failed or unknown message again, as a new message',
  permission: 'Message.Send',
  params: messagePath,
  result: MessageSchema,
  statuses: [202],
  problems: [...sending, 'message.not-resendable'],
  creates: true,
});

export const markMessageRead = route({
  id: 'markMessageRead',
  method: 'PUT',
  path: '/crm/chats/{chatId}/messages/{messageId}/read',
  tag,
  summary: "Marks a client's message as read",
  permission: 'Chat.Update',
  params: messagePath,
  result: MessageSchema,
  problems: ['resource.not-found', 'message.not-inbound'],
});
