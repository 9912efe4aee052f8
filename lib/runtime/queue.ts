import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';
import { describeError, logger } from './logger.ts';

/** @returns undefined for what is no JSON */
export const parseJson = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
};

/**
 * A handler of a standard queue: entries are handled side by side, and only those that failed are shown again. One that
 * cannot be read fails until the queue moves it to its dead letters.
 */
export const consume =
  <Schema extends z.ZodType>(schema: Schema, handle: (entry: z.output<Schema>, record: SQSRecord) => Promise<void>) =>
  async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const outcomes = await Promise.allSettled(
      Records.map(async (record) => handle(schema.parse(parseJson(record.body)), record)),
    );
    const failed = Records.filter((record, index) => {
      const outcome = outcomes[index];
      if (outcome?.status !== 'rejected') return false;
      logger.error('queue entry failed', { entry: record.messageId, ...describeError(outcome.reason) });
      return true;
    });
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };

/**
 * A handler of a FIFO queue: entries are handled one after the other, and after one that failed none of the batch is,
 * so that a group keeps its order.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export const consumeInOrder =
  <Schema extends z.ZodType>(
    schema: Schema,
    handle: (entry: z.output<Schema>, record: SQSRecord) => Promise<boolean>,
  ) =>
  async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    for (const [index, record] of Records.entries()) {
      const handled = await handleOne(schema, handle, record);
      if (!handled)
        return { batchItemFailures: Records.slice(index).map(({ messageId }) => ({ itemIdentifier: messageId })) };
    }
    return { batchItemFailures: [] };
  };

const handleOne = async <Schema extends z.ZodType>(
  schema: Schema,
  handle: (entry: z.output<Schema>, record: SQSRecord) => Promise<boolean>,
  record: SQSRecord,
): Promise<boolean> => {
  try {
    return await handle(schema.parse(parseJson(record.body)), record);
  } catch (error) {
    logger.error('queue entry failed', { entry: record.messageId, ...describeError(error) });
    return false;
  }
};
