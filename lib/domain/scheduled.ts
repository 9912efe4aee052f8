import type * as z from 'zod';
import type { Message } from '../contract/messages.ts';
import {
  ChannelIdSchema,
  InstantSchema,
  MessageIdSchema,
  type ChannelId,
  type MessageId,
} from '../contract/vocabulary.ts';
import { Failure } from './failure.ts';
import { isOutbound } from './delivery.ts';
import { MessageRecordSchema, queuedMessage, type MessageRecord } from './message.ts';
import { instant, type Act } from './act.ts';

/**
 * A message that waits for its time, or waited for it, as it is stored: apart from the messages of its chat. When its time
 * has come, a message is made of it that has an id and a place of its own, after all that was written until then.
 */
export const ScheduledRecordSchema = MessageRecordSchema.extend({
  sendAt: InstantSchema,
  /** Which channel was asked for; `null`: whichever the conversation is on by then. */
  wishedChannelId: ChannelIdSchema.nullable(),
  /** What was made of it. */
  messageId: MessageIdSchema.nullable(),
});
export type ScheduledRecord = z.infer<typeof ScheduledRecordSchema>;

interface Plan {
  /** ISO 8601. */
  readonly sendAt: string;
  readonly wishedChannelId: ChannelId | null;
}

/** A message that would be sent at once, planned for later. */
export const scheduledMessage = (message: MessageRecord, plan: Plan): ScheduledRecord => ({
  ...message,
  ...plan,
  status: 'scheduled',
  dueAt: plan.sendAt,
  messageId: null,
});

export const isWaiting = ({ status, messageId }: ScheduledRecord): boolean =>
  status === 'scheduled' && messageId === null;

const next = (before: ScheduledRecord, change: Partial<ScheduledRecord>): ScheduledRecord => ({
  ...before,
  ...change,
  revision: before.revision + 1,
});

/** @throws Failure `message.not-scheduled` */
export const requireWaiting = (before: ScheduledRecord): void => {
  if (isWaiting(before)) return;
  const became = before.messageId === null ? `is ${before.status}` : `was released as ${before.messageId}`;
  throw new Failure('message.not-scheduled', `This message ${became}.`);
};

/** Says something else, or at another time; who wrote it first, and when, stays. */
export const changedSchedule = (before: ScheduledRecord, message: MessageRecord, plan: Plan): ScheduledRecord => {
  const { id, chatId, clientId, sender, createdAt, correlationId } = before;
  const version = before.version + 1;
  const kept = { id, chatId, clientId, sender, createdAt, correlationId, version };
  return next(before, { ...scheduledMessage(message, plan), ...kept });
};

export const cancelledSchedule = (before: ScheduledRecord): ScheduledRecord =>
  next(before, { status: 'cancelled', dueAt: null, version: before.version + 1 });

/** A message was made of it. */
export const releasedSchedule = (before: ScheduledRecord, messageId: MessageId): ScheduledRecord =>
  next(before, { messageId, dueAt: null });

/** There is no chat that could show what became of it. */
export const failedSchedule = (before: ScheduledRecord, error: NonNullable<Message['error']>): ScheduledRecord =>
  next(before, { status: 'failed', error, dueAt: null });

/** What is known of the message that a scheduled one becomes. */
export const origin = ({ sendAt, id, sender }: ScheduledRecord) => ({ sendAt, scheduledId: id, sender });

/** A message that its chat shows in place of a scheduled one which may not be sent any more. */
export const unreleasable = (
  act: Act,
  chatId: MessageRecord['chatId'],
  before: ScheduledRecord,
  error: NonNullable<Message['error']>,
): MessageRecord => {
  const { delivery, channelId, transport, text, content, templateId, attachments, lane } = before;
  if (!isOutbound(before) || delivery === null || channelId === null) throw new Error('It was never to be sent.');
  const { provider, from, to } = delivery;
  const toSend = { transport, channelId, text, content, templateId, attachments, lane, provider, from, to };
  return {
    ...queuedMessage(act, chatId, { ...toSend, sender: before.sender, resendOf: null, dueAt: instant(act.now()) }),
    ...origin(before),
    status: 'failed',
    error,
    dueAt: null,
  };
};
