import * as z from 'zod';
import { listStreamFailures, readStreamFailure, removeStreamFailure } from '../cloud/stream-failures.ts';
import { DeadLetterIdSchema } from '../contract/dead-letters.ts';
import { keepDeadRecord } from './dead-record.ts';

const StringSchema = z.object({ S: z.string() });

/** A record of the table's stream, whole. */
const RecordSchema = z.looseObject({
  dynamodb: z.looseObject({
    Keys: z.looseObject({ pk: StringSchema }),
    NewImage: z.looseObject({ letterId: StringSchema.optional() }).optional(),
  }),
});

const BatchSchema = z.object({ Records: z.array(RecordSchema) });

const fromJson = (text: string): unknown => {
  const value: unknown = JSON.parse(text);
  return value;
};

/**
 * What Lambda writes of a batch that it gave up on: the whole event, as text.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
const FailureSchema = z.object({
  payload: z.union([z.string().transform(fromJson).pipe(BatchSchema), BatchSchema]),
});

const collectOne = async (key: string, receivedAt: string): Promise<void> => {
  const { payload } = FailureSchema.parse(fromJson(await readStreamFailure(key)));
  for (const record of payload.Records) {
    const letterId = DeadLetterIdSchema.safeParse(record.dynamodb.NewImage?.letterId?.S);
    await keepDeadRecord({
      pk: record.dynamodb.Keys.pk.S,
      reason: 'The stream was blocked until it was too old to be published.',
      payload: JSON.stringify(record),
      receivedAt,
      ...(letterId.success && { letterId: letterId.data }),
    });
  }
  await removeStreamFailure(key);
};

/**
 * Takes what Lambda itself gave up of the stream into the list of dead letters, where it can be put back. What breaks off is
 * done again, and counted again.
 *
 * @param onTrouble is told of what cannot be taken in: it stays where it is, for operators
 * @returns how many objects were taken in
 */
export const collectStreamFailures = async (
  now: Date,
  onTrouble: (key: string, error: unknown) => void,
): Promise<number> => {
  let collected = 0;
  for (const key of await listStreamFailures()) {
    try {
      await collectOne(key, now.toISOString());
      collected += 1;
    } catch (error) {
      onTrouble(key, error);
    }
  }
  return collected;
};
