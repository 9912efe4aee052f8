import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { environment } from '../config/environment.ts';
import { s3 } from './s3.ts';

const Bucket = (): string => environment().STREAM_FAILURES_BUCKET;

/** As many at a time. */
const MOST = 20;

/** What Lambda kept of the table's stream when it was too old to be published, by name; nothing on one machine. */
export const listStreamFailures = async (): Promise<string[]> => {
  if (Bucket() === '') return [];
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: Bucket(), MaxKeys: MOST }));
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
