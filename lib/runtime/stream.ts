import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod';
import { DeadLetterIdSchema } from '../contract/dead-letters.ts';
import { OutboxSchema } from '../events/outbox.ts';
import type { DeadRecord } from '../messaging/dead-record.ts';
import type { OutboxRecord, PublishResult } from '../messaging/publish.ts';
import { itemOfImage } from '../table/image.ts';
import { logger } from './logger.ts';
import { count } from './metrics.ts';
import { now } from './worker.ts';

const OutboxItemSchema = z.object({ outbox: OutboxSchema });

const positionOf = (record: DynamoDBRecord): string => record.dynamodb?.SequenceNumber ?? '';

/** Whatever is wrong with one record, it must not stop the others. */
const read = (record: DynamoDBRecord): OutboxRecord | undefined => {
  try {
    const { outbox } = OutboxItemSchema.parse(itemOfImage(record.dynamodb?.NewImage));
    return { position: positionOf(record), ...outbox };
  } catch {
    return undefined;
  }
};

const redrivenFrom = (record: DynamoDBRecord): Pick<DeadRecord, 'letterId'> => {
  const letterId = DeadLetterIdSchema.safeParse(record.dynamodb?.NewImage?.letterId?.S);
  return letterId.success ? { letterId: letterId.data } : {};
};

const deadRecord = (record: DynamoDBRecord, reason: string): DeadRecord => ({
  pk: record.dynamodb?.Keys?.pk?.S ?? '',
  reason,
  payload: JSON.stringify(record),
  receivedAt: now().toISOString(),
  ...redrivenFrom(record),
});

type Keep = (record: DeadRecord) => Promise<boolean>;

const bury = async (keep: Keep, record: DynamoDBRecord, reason: string): Promise<void> => {
  const kept = await keep(deadRecord(record, reason));
  const { pk, sk } = record.dynamodb?.Keys ?? {};
  logger.error('outbox record cannot be published', { pk: pk?.S, sk: sk?.S, reason, kept });
  count('DeadLetterKept');
};

/**
 * A handler of the table's stream. A record that can never be published is kept and passed; a service that is away blocks,
 * and the batch is tried again from the first record that is not done.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export const followStream =
  (publish: (records: readonly OutboxRecord[]) => Promise<PublishResult>, keep: Keep) =>
  async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const all = Records.map((record) => ({ record, outbox: read(record) }));
    const { retry, refused } = await publish(all.flatMap(({ outbox }) => outbox ?? []));
    const reasons = new Map(refused.map(({ position, reason }) => [position, reason]));
    for (const { record, outbox } of all) {
      const reason = outbox === undefined ? 'The record cannot be read.' : reasons.get(outbox.position);
      if (reason !== undefined) await bury(keep, record, reason);
    }
    if (retry === undefined) return { batchItemFailures: [] };
    logger.warn('publishing is blocked', retry);
    return { batchItemFailures: [{ itemIdentifier: retry.from }] };
  };
