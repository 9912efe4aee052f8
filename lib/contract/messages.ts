import * as z from 'zod';
import { ContentSchema, NewMessageSchema } from './new-message.ts';
import { pageOf, PageQuerySchema, route } from './route.ts';
import {
  ChannelIdSchema,
  ChatIdSchema,
  ClientIdSchema,
  ContactIdSchema,
  InstantSchema,
  MessageIdSchema,
  TemplateIdSchema,
  TransportSchema,
  UploadIdSchema,
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

/** What a provider knows of a participant, on one transport and channel; without channel until it has written there. */
export const MemberTransportSchema = z
  .object({
    transport: TransportSchema,
    channelId: ChannelIdSchema.nullable(),
    address: z.string(),
    /** What the provider calls the conversation, where it has a name of its own for it. */
    providerChatId: z.string().nullable(),
    handle: z.string().nullable(),
    name: z.string().nullable(),
    lastSeenAt: InstantSchema.nullable(),
  })
  .meta({ id: 'MemberTransport' });
export type MemberTransport = z.infer<typeof MemberTransportSchema>;

/**
 * Who takes part in a chat: one for each participant, however many transports it uses. `type` is as what it came in.
 * `address`, `handle` and `channelId` are those of the transport that it was last seen on.
 */
export const MemberSchema = z
  .object({
    id: z.string(),
    chatId: ChatIdSchema,
    type: SenderTypeSchema,
    userId: UserIdSchema.nullable(),
    /** The client's contact that was added by hand; `null` for its own phone, and for everybody else. */
    contactId: ContactIdSchema.nullable(),
    name: z.string().nullable(),
    address: z.string().nullable(),
    handle: z.string().nullable(),
    channelId: ChannelIdSchema.nullable(),
    transports: z.array(MemberTransportSchema),
    /** The user who added it; `null` where it came in by writing. */
    addedBy: UserIdSchema.nullable(),
    createdAt: InstantSchema,
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof MemberSchema>;

export const AttachmentSchema = z
  .object({
    uploadId: UploadIdSchema.nullable(),
    name: z.string(),
    contentType: z.string(),
    size: z.int().min(0),
    /** What a client sends is `pending` until it is fetched from the provider; a `failed` one can be fetched again. */
    state: z.enum(['pending', 'stored', 'failed']),
    /** Why a failed one could not be fetched. */
    error: z.object({ code: z.string(), detail: z.string() }).nullable().default(null),
  })
  .meta({ id: 'Attachment' });

export const MessageStatusSchema = z
  .enum(['received', 'scheduled', 'queued', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read', 'cancelled'])
  .meta({ id: 'MessageStatus' });
export type MessageStatus = z.infer<typeof MessageStatusSchema>;

export const LaneSchema = z.enum(['conversation', 'bulk']).meta({
  id: 'Lane',
  description: 'bulk: gets at most half of what its channel carries, and never stands before a conversation',
});

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
    content: ContentSchema.nullable()
      .default(null)
      .meta({ description: 'The template that was sent in place of text' }),
    attachments: z.array(AttachmentSchema),
    status: MessageStatusSchema,
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    providerMessageId: z.string().nullable(),
    /** The provider's own time of an inbound message. */
    providerTime: InstantSchema.nullable(),
    templateId: TemplateIdSchema.nullable(),
    lane: LaneSchema.default('conversation'),
    editOf: MessageIdSchema.nullable(),
    resendOf: MessageIdSchema.nullable(),
    correlationId: z.string(),
    /** For when it is, or was, scheduled; `null`: it was sent at once. */
    sendAt: InstantSchema.nullable().default(null),
    /** As what it was scheduled: a message gets its own id and its place in the chat when its time has come. */
    scheduledId: MessageIdSchema.nullable().default(null),
    createdAt: InstantSchema,
    sentAt: InstantSchema.nullable(),
    deliveredAt: InstantSchema.nullable(),
    readAt: InstantSchema.nullable(),
    /** Counts changes of a scheduled message; once it is sent, a message does not change. */
    version: z.int().default(1),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof MessageSchema>;

const chatPath = z.strictObject({ chatId: ChatIdSchema });
export const messagePath = z.strictObject({ chatId: ChatIdSchema, messageId: MessageIdSchema });
const tag = 'Messages';

export const sending = [
  'resource.not-found',
  'contact.opted-out',
  'whatsapp.window-closed',
  'channel.disabled',
  'message.no-transport',
  'message.no-address',
  'message.no-channel',
  'message.limit',
  'message.content',
  'message.send-time',
  'template.not-found',
  'upload.awaited',
  'upload.used',
  'upload.mismatch',
  'upload.too-large',
] as const;

export const listMessages = route({
  id: 'listMessages',
  method: 'GET',
  path: '/crm/chats/{chatId}/messages',
  tag,
  summary: "Lists a chat's messages, newest first",
  permission: 'Message.Read',
  params: chatPath,
  query: PageQuerySchema.extend({
    status: z
      .enum(['scheduled', 'cancelled'])
      .optional()
      .meta({ description: 'Only those that wait for their time, or were cancelled before it' }),
  }),
  result: pageOf(MessageSchema),
  problems: ['resource.not-found', 'cursor.invalid'],
});

export const sendMessage = route({
  id: 'sendMessage',
  method: 'POST',
  path: '/crm/chats/{chatId}/messages',
  tag,
  summary: 'Sends a message to the client, at once or at a time',
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

export const retryAttachment = route({
  id: 'retryAttachment',
  method: 'POST',
  path: '/crm/chats/{chatId}/messages/{messageId}/attachments/{index}/retry',
  tag,
  summary: "Fetches a failed attachment of a client's message again",
  permission: 'Chat.Update',
  params: messagePath.extend({
    index: z.coerce.number().int().min(0).max(999).meta({ description: 'Its place among the attachments, from 0' }),
  }),
  result: MessageSchema,
  statuses: [202],
  problems: ['resource.not-found', 'attachment.not-failed'],
});
