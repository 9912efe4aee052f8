import { CopyObjectCommand, DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { environment } from '../config/environment.ts';
import { s3 } from './s3.ts';

const Bucket = (): string => environment().STREAM_FAILURES_BUCKET;

/**
 * Where Lambda puts them.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
const Prefix = 'aws/lambda/';
/** Where those are laid that cannot be read, so that they stand before no others. */
const ASIDE = 'unreadable/';

/** As many at a time. */
const MOST = 20;

/** What Lambda kept of the table's stream when it was too old to be published, by name; nothing on one machine. */
export const listStreamFailures = async (): Promise<string[]> => {
  if (Bucket() === '') return [];
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: Bucket(), Prefix, MaxKeys: MOST }));
  return Contents.flatMap(({ Key }) => Key ?? []);
};

/** One of them. @throws NoSuchKey when somebody else has taken it */
export const readStreamFailure = async (Key: string): Promise<string> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: Bucket(), Key }));
  return (await Body?.transformToString()) ?? '';
};

/** Again, or without anything there, changes nothing. */
export const removeStreamFailure = async (Key: string): Promise<void> => {
  await s3.send(new DeleteObjectCommand({ Bucket: Bucket(), Key }));
};

/** Lays one aside, for operators. Again, it changes nothing. @throws NoSuchKey when somebody else has done so */
export const layStreamFailureAside = async (Key: string): Promise<void> => {
  const CopySource = `${Bucket()}/${Key.split('/').map(encodeURIComponent).join('/')}`;
  await s3.send(new CopyObjectCommand({ Bucket: Bucket(), Key: `${ASIDE}${Key}`, CopySource }));
  await removeStreamFailure(Key);
};
