import * as z from 'zod';
import { AttemptSchema } from '../contract/attempts.ts';
import { AttachmentSchema, MessageSchema, type Message, type Sender } from '../contract/messages.ts';
import {
  MessageIdSchema,
  ProviderNameSchema,
  type ChannelId,
  type ChatId,
  type MessageId,
  type ProviderName,
  type TemplateId,
  type Transport,
} from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import { cleanName } from './upload.ts';

/** What the delivery of an outbound message needs to know and the API does not show. */
const DeliverySchema = z.object({
  provider: ProviderNameSchema,
  from: z.string(),
  to: z.string(),
  /** How often a sender has claimed the message. */
  attempt: z.int(),
  /** How often it was put on the queue: makes each entry's deduplication id its own. */
  dispatch: z.int(),
  attemptStartedAt: z.string().nullable(),
  /** A sender that comes earlier waits: the provider asked for a pause. */
  notBefore: z.string().nullable(),
  lease: z.object({ token: z.string(), until: z.string() }).nullable(),
  /** The turn that it has in its channel's line, while it waits for that. */
  turnAt: z.string().nullable().default(null),
  /** The calls of the provider, oldest first, one for each attempt. */
  calls: z.array(AttemptSchema).default([]),
});
export type Delivery = z.infer<typeof DeliverySchema>;

/** An attachment as it is stored. */
const AttachmentRecordSchema = AttachmentSchema.extend({
  /** What its provider finds it by; empty for our own. */
  reference: z.string(),
  /** Under which id a client's file is kept once it is fetched; known beforehand, so that two who fetch it keep it once. */
  fileId: z.string().default(''),
  /** How often the due job had to have it fetched again. */
  tries: z.int().default(0),
});
export type AttachmentRecord = z.infer<typeof AttachmentRecordSchema>;

/** A message as it is stored. */
export const MessageRecordSchema = MessageSchema.extend({
  attachments: z.array(AttachmentRecordSchema),
  delivery: DeliverySchema.nullable(),
  /** The provider's name for the update that an inbound one came in: leads to its receipt. */
  deduplicationId: z.string().nullable().default(null),
  /** The message that was sent instead of this one. */
  resentAs: MessageIdSchema.nullable(),
  /** When the due job has to look at the message; `null`: never. */
  dueAt: z.string().nullable(),
  revision: z.int(),
});
export type MessageRecord = z.infer<typeof MessageRecordSchema>;

const fresh = (act: Act, chatId: ChatId) => {
  const createdAt = instant(act.now());
  return {
    id: MessageIdSchema.parse(act.newId()),
    chatId,
    clientId: chatId,
    attachments: [],
    error: null,
    providerMessageId: null,
    deduplicationId: null,
    providerTime: null,
    templateId: null,
    content: null,
    lane: 'conversation' as const,
    editOf: null,
    resendOf: null,
    sendAt: null,
    scheduledId: null,
    version: 1,
    correlationId: act.correlationId,
    createdAt,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    delivery: null,
    resentAs: null,
    dueAt: null,
    revision: 1,
  };
};

interface Received {
  readonly transport: Transport;
  readonly channelId: ChannelId;
  readonly sender: Sender;
  readonly text: string;
  readonly media: readonly { reference: string; name: string; contentType: string; size: number }[];
  readonly providerMessageId: string;
  readonly deduplicationId?: string;
  readonly providerTime: string | null;
  readonly editOf: MessageId | null;
  /** When somebody has to look whether its files were fetched. */
  readonly dueAt?: string;
}

export const receivedMessage = (act: Act, chatId: ChatId, received: Received): MessageRecord => {
  const { media, ...rest } = received;
  return {
    ...fresh(act, chatId),
    ...rest,
    direction: 'inbound',
    status: 'received',
    attachments: media.map((file) => ({
      ...file,
      name: cleanName(file.name),
      uploadId: null,
      state: 'pending',
      error: null,
      fileId: act.newId(),
      tries: 0,
    })),
  };
};

interface ToSend {
  readonly transport: Transport;
  readonly channelId: ChannelId;
  readonly provider: ProviderName;
  readonly sender: Sender;
  readonly text: string;
  /** Whose text it is. */
  readonly templateId?: TemplateId | null;
  readonly content?: Message['content'];
  readonly attachments?: readonly AttachmentRecord[];
  readonly from: string;
  readonly to: string;
  readonly resendOf: MessageId | null;
  readonly lane?: MessageRecord['lane'];
  /** When its queue entry counts as lost. */
  readonly dueAt: string;
}

export const queuedMessage = (act: Act, chatId: ChatId, toSend: ToSend): MessageRecord => {
  const { provider, from, to, attachments = [], content = null, ...rest } = toSend;
  return {
    ...fresh(act, chatId),
    ...rest,
    content,
    attachments: [...attachments],
    direction: 'outbound',
    status: 'queued',
    delivery: {
      provider,
      from,
      to,
      attempt: 0,
      dispatch: 1,
      attemptStartedAt: null,
      notBefore: null,
      lease: null,
      turnAt: null,
      calls: [],
    },
  };
};

/** A message as its chat shows it: where its client was merged into another one, the message is the survivor's. */
export const seenIn =
  (chatId: ChatId) =>
  <Seen extends Pick<MessageRecord, 'chatId' | 'clientId'>>(message: Seen): Seen => ({
    ...message,
    chatId,
    clientId: chatId,
  });
