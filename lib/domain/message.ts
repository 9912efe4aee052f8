import * as z from 'zod';
import { AttachmentSchema, MessageSchema, type Member, type Sender } from '../contract/messages.ts';
import {
  MessageIdSchema,
  ProviderNameSchema,
  type ChannelId,
  type ChatId,
  type MessageId,
  type ProviderName,
  type Transport,
  UserIdSchema,
} from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';

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
});
export type Delivery = z.infer<typeof DeliverySchema>;

/** An attachment as it is stored, with what its provider finds it by. */
const AttachmentRecordSchema = AttachmentSchema.extend({ reference: z.string() });

/** A message as it is stored. */
export const MessageRecordSchema = MessageSchema.extend({
  attachments: z.array(AttachmentRecordSchema),
  delivery: DeliverySchema.nullable(),
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
    providerTime: null,
    templateId: null,
    editOf: null,
    resendOf: null,
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
  readonly providerTime: string | null;
  readonly editOf: MessageId | null;
}

export const receivedMessage = (act: Act, chatId: ChatId, received: Received): MessageRecord => {
  const { media, ...rest } = received;
  return {
    ...fresh(act, chatId),
    ...rest,
    direction: 'inbound',
    status: 'received',
    attachments: media.map((file) => ({ ...file, uploadId: null, state: 'pending' as const })),
  };
};

interface ToSend {
  readonly transport: Transport;
  readonly channelId: ChannelId;
  readonly provider: ProviderName;
  readonly sender: Sender;
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly resendOf: MessageId | null;
  /** When its queue entry counts as lost. */
  readonly dueAt: string;
}

export const queuedMessage = (act: Act, chatId: ChatId, toSend: ToSend): MessageRecord => {
  const { provider, from, to, ...rest } = toSend;
  return {
    ...fresh(act, chatId),
    ...rest,
    direction: 'outbound',
    status: 'queued',
    delivery: { provider, from, to, attempt: 0, dispatch: 1, attemptStartedAt: null, notBefore: null, lease: null },
  };
};

/** Who takes part in a chat by writing this message. */
export const memberOf = (message: MessageRecord): Member => {
  const { type, id, name, address, handle } = message.sender;
  return {
    id: `${type}:${id ?? address ?? ''}`,
    type,
    userId: type === 'user' && id !== null ? UserIdSchema.parse(id) : null,
    name,
    address,
    handle,
    channelId: message.direction === 'inbound' ? message.channelId : null,
    createdAt: message.createdAt,
  };
};
