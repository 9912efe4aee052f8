import * as z from 'zod';
import {
  layStreamFailureAside,
  listStreamFailures,
  readStreamFailure,
  removeStreamFailure,
} from '../cloud/stream-failures.ts';
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

/** Nobody will ever read it. What is wrong with it may quote it, so that it is not told. */
class Unreadable extends Error {
  override name = 'Unreadable';
}

const recordsIn = (text: string): z.infer<typeof BatchSchema>['Records'] => {
  try {
    return FailureSchema.parse(fromJson(text)).payload.Records;
  } catch {
    throw new Unreadable('The object holds no records of the stream.');
  }
};

const collectOne = async (key: string, receivedAt: string): Promise<void> => {
  for (const record of recordsIn(await readStreamFailure(key))) {
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

type OnTrouble = (key: string, error: unknown) => void;

const tryOne = async (key: string, receivedAt: string, onTrouble: OnTrouble): Promise<boolean> => {
  try {
    await collectOne(key, receivedAt);
    return true;
  } catch (error) {
    onTrouble(key, error);
    if (!(error instanceof Unreadable)) return false;
    await layStreamFailureAside(key).catch((trouble: unknown) => {
      onTrouble(key, trouble);
    });
    return false;
  }
};

/**
 * Takes what Lambda itself gave up of the stream into the list of dead letters, where it can be put back. What breaks off is
 * done again, and counted again.
 *
 * @param onTrouble is told of what cannot be taken in: what nobody can read is laid aside for operators, the rest is tried again
 * @returns how many objects were taken in
 */
export const collectStreamFailures = async (now: Date, onTrouble: OnTrouble): Promise<number> => {
  let collected = 0;
  for (const key of await listStreamFailures()) {
    collected += (await tryOne(key, now.toISOString(), onTrouble)) ? 1 : 0;
  }
  return collected;
};
