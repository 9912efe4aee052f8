import { createHash } from 'node:crypto';
import { DeleteObjectCommand, GetObjectCommand, NoSuchKey, PutObjectCommand } from '@aws-sdk/client-s3';
import { environment } from '../config/environment.ts';
import type { ChannelId, TenantId } from '../contract/vocabulary.ts';
import { s3 } from './s3.ts';

/** A table item takes 400 KB; a payload beside a message must leave room. */
const INLINE_BYTES = 100_000;

const MESSAGES = 'payloads/';
/** No tenant is called so. What lies here is removed after ninety days: resources/uploads.yml. */
const LETTERS = 'payloads/_letters/';

const keepUnder = async (folder: string, body: string): Promise<string> => {
  if (Buffer.byteLength(body) <= INLINE_BYTES) return body;
  const Key = `${folder}/${createHash('sha256').update(body).digest('hex')}`;
  await s3.send(new PutObjectCommand({ Bucket: environment().UPLOADS_BUCKET, Key, Body: body }));
  return `s3:${Key}`;
};

/** What a message came in, as it is kept: itself, or where in the bucket it lies. */
export const keepPayload = (tenant: TenantId, channelId: ChannelId, body: string): Promise<string> =>
  keepUnder(`${MESSAGES}${tenant}/${channelId}`, body);

/**
 * A dead letter's payload as it is kept: itself, or where in the bucket it lies, for ninety days from now.
 *
 * @param origin the channel it came on, or else the stream or a queue
 */
export const keepLetterPayload = (
  tenant: TenantId,
  origin: ChannelId | 'stream' | 'queue',
  body: string,
): Promise<string> => keepUnder(`${LETTERS}${tenant}/${origin}`, body);

/** Where in the bucket a kept payload lies; undefined for one that is kept as it is. */
const keyOf = (tenant: TenantId, kept: string): string | undefined => {
  const Key = kept.startsWith('s3:') ? kept.slice('s3:'.length) : undefined;
  return [MESSAGES, LETTERS].some((folder) => Key?.startsWith(`${folder}${tenant}/`) === true) ? Key : undefined;
};

/** A kept payload, wherever it lies; empty when it is gone. */
export const readPayload = async (tenant: TenantId, kept: string): Promise<string> => {
  const Key = keyOf(tenant, kept);
  if (Key === undefined) return kept;
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: environment().UPLOADS_BUCKET, Key }));
    return (await Body?.transformToString()) ?? '';
  } catch (error) {
    if (error instanceof NoSuchKey) return '';
    throw error;
  }
};

/** Removes what lies of a kept payload in the bucket. Again, or without anything there, changes nothing. */
export const removePayload = async (tenant: TenantId, kept: string): Promise<void> => {
  const Key = keyOf(tenant, kept);
  if (Key !== undefined) await s3.send(new DeleteObjectCommand({ Bucket: environment().UPLOADS_BUCKET, Key }));
};
