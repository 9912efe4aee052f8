import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  QueueDoesNotExist,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { environment } from '../config/environment.ts';
import type { ProviderName } from '../contract/vocabulary.ts';
import type { DeliveryTurn, Dispatch, JobTurn, RedriveEntry } from '../events/outbox.ts';
import { queueText } from './queue-text.ts';

// The queue's own address would be followed otherwise, also where the endpoint is somewhere else.
const endpoint = process.env.AWS_ENDPOINT_URL_SQS;
const sqs = new SQSClient({
  ...(endpoint !== undefined && { endpoint }),
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
});

export const outboundQueueUrl = (provider: ProviderName): string => {
  const { OUTBOUND_QUEUE_URL_TWILIO, OUTBOUND_QUEUE_URL_TELEGRAM } = environment();
  switch (provider) {
    case 'twilio':
      return OUTBOUND_QUEUE_URL_TWILIO;
    case 'telegram':
      return OUTBOUND_QUEUE_URL_TELEGRAM;
  }
};

/** What became of each entry, by its index. `fault`: whether it is the entry that is wrong, so that repeating is useless. */
export interface FailedEntry {
  readonly index: number;
  readonly fault: boolean;
  readonly reason: string;
}

const failuresOf = (failed: readonly BatchResultErrorEntry[]): FailedEntry[] =>
  failed.map(({ Id, SenderFault, Code }) => ({
    index: Number(Id),
    fault: SenderFault === true,
    reason: Code ?? 'unknown',
  }));

/**
 * Puts up to 10 dispatches on a provider's FIFO queue: one group a chat, so that its messages keep their order,
 * and one for its bulk messages, so that those of its conversation do not wait for them.
 * A dispatch that is sent twice within 5 minutes is queued once.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 */
export const sendDispatches = async (
  provider: ProviderName,
  dispatches: readonly Dispatch[],
): Promise<FailedEntry[]> => {
  const { Failed = [] } = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: outboundQueueUrl(provider),
      Entries: dispatches.map((dispatch, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify(dispatch),
        MessageGroupId: dispatch.bulk === true ? `${dispatch.chatId}-bulk` : dispatch.chatId,
        MessageDeduplicationId: `${dispatch.messageId}-${dispatch.dispatch}`,
      })),
    }),
  );
  return failuresOf(Failed);
};

/**
 * Puts up to 10 deliveries to other systems on their queue. Each endpoint is a group: those of one that takes its time wait, and
 * let others' pass.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
export const sendDeliveries = async (turns: readonly DeliveryTurn[]): Promise<FailedEntry[]> => {
  const { Failed = [] } = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: environment().DELIVERIES_QUEUE_URL,
      Entries: turns.map((turn, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify(turn),
        MessageGroupId: turn.endpointId,
      })),
    }),
  );
  return failuresOf(Failed);
};

/** Puts up to 10 turns on the jobs' queue. */
export const sendJobTurns = async (turns: readonly JobTurn[]): Promise<FailedEntry[]> => {
  const { Failed = [] } = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: environment().JOBS_QUEUE_URL,
      Entries: turns.map((turn, index) => ({ Id: String(index), MessageBody: JSON.stringify(turn) })),
    }),
  );
  return failuresOf(Failed);
};

/** A queue's name: the last part of its address, or of its ARN. */
export const queueNameOf = (address: string): string => /[^/:]+$/.exec(address)?.[0] ?? '';

/** A queue of ours by its name: all are in one account and region. */
const queueUrlOf = (name: string): string => environment().INBOUND_QUEUE_URL.replace(/[^/]+$/, name);

/** Errors of a queue that is no more, or was never to be written to: repeating is useless. */
const isClosed = (error: unknown): error is Error =>
  error instanceof QueueDoesNotExist ||
  (error instanceof Error && /^AccessDenied|^InvalidMessageContents/.test(error.name));

/**
 * Puts an entry back on its queue, with the letter that it was: when it is given up again, it is that letter again. The same
 * entry sent twice is handled twice, which changes nothing more.
 */
export const sendRedriven = async ({ letterId, queue, body, group, turn }: RedriveEntry): Promise<FailedEntry[]> => {
  try {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: queueUrlOf(queue),
        MessageBody: body,
        MessageAttributes: { letterId: { DataType: 'String', StringValue: letterId } },
        ...(queue.endsWith('.fifo') && {
          MessageGroupId: group ?? letterId,
          MessageDeduplicationId: `${letterId}-${turn}`,
        }),
      }),
    );
    return [];
  } catch (error) {
    if (!isClosed(error)) throw error;
    return [{ index: 0, fault: true, reason: error.name }];
  }
};

/** Keeps a webhook until the table answers again. The one write outside the table that a request makes. */
export const parkWebhook = async (webhook: unknown): Promise<void> => {
  const { INBOUND_QUEUE_URL } = environment();
  await sqs.send(new SendMessageCommand({ QueueUrl: INBOUND_QUEUE_URL, MessageBody: queueText(webhook) }));
};

/** Shows a queue entry again after so many seconds, at most 12 hours. */
export const showAgainIn = async (queueUrl: string, receiptHandle: string, seconds: number): Promise<void> => {
  const VisibilityTimeout = Math.min(43_200, Math.max(0, Math.ceil(seconds)));
  await sqs.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout }),
  );
};

/** About how many entries wait in a queue, when it answers. */
export const depthOf = async (queueUrl: string): Promise<number> => {
  const name = 'ApproximateNumberOfMessages';
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [name] }));
  return Number(Attributes?.[name] ?? 0);
};
