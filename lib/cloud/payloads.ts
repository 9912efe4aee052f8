import { createHash } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { environment } from '../config/environment.ts';
import type { ChannelId, TenantId } from '../contract/vocabulary.ts';

const endpoint = process.env.AWS_ENDPOINT_URL_S3;
const s3 = new S3Client({
  ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
});

/** A table item takes 400 KB; a payload beside a message must leave room. */
const INLINE_BYTES = 100_000;

/**
 * A payload as it is kept: itself, or where in the bucket it lies.
 *
 * @param origin the channel it came on, or the stream
 */
export const keepPayload = async (tenant: TenantId, origin: ChannelId | 'stream', body: string): Promise<string> => {
  if (Buffer.byteLength(body) <= INLINE_BYTES) return body;
  const Key = `payloads/${tenant}/${origin}/${createHash('sha256').update(body).digest('hex')}`;
  await s3.send(new PutObjectCommand({ Bucket: environment().UPLOADS_BUCKET, Key, Body: body }));
  return `s3:${Key}`;
};
