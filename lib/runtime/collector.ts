import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { queueNameOf } from '../cloud/queues.ts';
import { collectGivenUp, type GivenUp } from '../messaging/collect.ts';
import { describeError, logger } from './logger.ts';
import { count } from './metrics.ts';
import { now } from './worker.ts';

/** Lambda's types leave out an attribute that queues set. */
const attributeOf = ({ attributes }: SQSRecord, name: string): string | undefined =>
  new Map<string, string | undefined>(Object.entries(attributes)).get(name);

/**
 * Where an entry stood: the queue says so of what it gave up itself, the bus of what it could not put there.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
const queueOf = (record: SQSRecord): string => {
  const arn = attributeOf(record, 'DeadLetterQueueSourceArn') ?? record.messageAttributes.TARGET_ARN?.stringValue;
  return arn === undefined
    ? queueNameOf(record.eventSourceARN).replace(/DeadLetters(?=\.fifo$|$)/, 'Queue')
    : queueNameOf(arn);
};

const reasonOf = ({ attributes, messageAttributes }: SQSRecord): string => {
  const refused = messageAttributes.ERROR_CODE?.stringValue;
  if (refused !== undefined) return `The bus could not deliver it: ${refused}`;
  return `It could not be handled, again and again (handed over ${attributes.ApproximateReceiveCount} times).`;
};

const givenUp = (record: SQSRecord): GivenUp => ({
  entry: record.messageId,
  body: record.body,
  queue: queueOf(record),
  group: record.attributes.MessageGroupId,
  reason: reasonOf(record),
  letterId: record.messageAttributes.letterId?.stringValue,
  receivedAt: now().toISOString(),
});

const collectOne = async (record: SQSRecord): Promise<void> => {
  const given = givenUp(record);
  const kept = await collectGivenUp(given);
  count('DeadLetterKept');
  logger.error('a queue gave an entry up', { queue: given.queue, entry: given.entry, kept });
};

/**
 * A handler of queues of dead letters: each is kept in the table.
 *
 * @param also is done before
 */
export const collect =
  (also: (record: SQSRecord) => Promise<void> = () => Promise.resolve()) =>
  async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const failed: string[] = [];
    for (const record of Records) {
      try {
        await also(record);
        await collectOne(record);
      } catch (error) {
        logger.error('a dead letter could not be kept', { entry: record.messageId, ...describeError(error) });
        failed.push(record.messageId);
      }
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
