import type { _Record as StreamRecord } from '@aws-sdk/client-dynamodb-streams';
import { REGION } from './project.ts';

/** Binary attributes travel in base64. */
const encodeBinary = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(encodeBinary);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, encodeBinary(inner)]));
};

/**
 * A stream record as Lambda hands it over.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#events-sample-dynamodb
 */
export const toLambdaRecord = (record: StreamRecord, streamArn: string) => {
  const { ApproximateCreationDateTime, Keys, NewImage, OldImage, ...rest } = record.dynamodb ?? {};
  return {
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: record.eventVersion,
    eventSource: 'aws:dynamodb',
    awsRegion: REGION,
    eventSourceARN: streamArn,
    dynamodb: {
      ...rest,
      ...(ApproximateCreationDateTime && { ApproximateCreationDateTime: ApproximateCreationDateTime.getTime() / 1000 }),
      ...(Keys && { Keys: encodeBinary(Keys) }),
      ...(NewImage && { NewImage: encodeBinary(NewImage) }),
      ...(OldImage && { OldImage: encodeBinary(OldImage) }),
    },
  };
};

export type LambdaStreamRecord = ReturnType<typeof toLambdaRecord>;

export const sequenceNumberOf = (record: LambdaStreamRecord): string => {
  const { SequenceNumber } = record.dynamodb;
  if (SequenceNumber === undefined) throw new Error('A stream record came without a sequence number');
  return SequenceNumber;
};
