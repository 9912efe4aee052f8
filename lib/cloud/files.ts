import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { environment } from '../config/environment.ts';
import { MAX_FILE_BYTES } from '../contract/files.ts';
import type { TenantId, UploadId } from '../contract/vocabulary.ts';
import { fileKey, incomingKey } from './file-keys.ts';
import { s3 } from './s3.ts';

const Bucket = (): string => environment().UPLOADS_BUCKET;

interface SignedPost {
  readonly url: string;
  readonly fields: Record<string, string>;
}

/**
 * Lets whoever holds the answer upload one file of this type, under this very key, for so many seconds.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export const signUpload = (
  tenant: TenantId,
  id: UploadId,
  contentType: string,
  seconds: number,
): Promise<SignedPost> => {
  const Key = incomingKey(tenant, id);
  return createPresignedPost(s3, {
    Bucket: Bucket(),
    Key,
    Fields: { 'Content-Type': contentType },
    Conditions: [
      ['eq', '$key', Key],
      ['eq', '$Content-Type', contentType],
      ['content-length-range', 1, MAX_FILE_BYTES],
    ],
    Expires: seconds,
  });
};

/** What a user uploaded, as it was at that moment. Without bytes when there are more of them than may be. */
interface Incoming {
  readonly size: number;
  readonly bytes: Uint8Array | undefined;
  /** Changes when somebody uploads again. */
  readonly etag: string;
}

/** Reads what a user uploaded; undefined when nothing was. */
export const readIncoming = async (tenant: TenantId, id: UploadId): Promise<Incoming | undefined> => {
  try {
    const command = new GetObjectCommand({ Bucket: Bucket(), Key: incomingKey(tenant, id) });
    const { Body, ContentLength: size = 0, ETag: etag = '' } = await s3.send(command);
    if (size <= MAX_FILE_BYTES) return { size, etag, bytes: (await Body?.transformToByteArray()) ?? new Uint8Array() };
    // It would be read to its end otherwise.
    if (Body !== undefined && 'destroy' in Body) Body.destroy();
    return { size, etag, bytes: undefined };
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
};

/** Shown by no browser, whatever a signed address forgets to say. */
const KEPT_DISPOSITION = 'attachment';

/**
 * Copies what was uploaded to where it is kept, provided that it is still what was looked at.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export const keepIncoming = async (
  tenant: TenantId,
  id: UploadId,
  { etag, contentType }: { readonly etag: string; readonly contentType: string },
): Promise<'kept' | 'changed'> => {
  try {
    await s3.send(
      new CopyObjectCommand({
        Bucket: Bucket(),
        Key: fileKey(tenant, id),
        CopySource: `${Bucket()}/${incomingKey(tenant, id)}`,
        CopySourceIfMatch: etag,
        MetadataDirective: 'REPLACE',
        ContentType: contentType,
        ContentDisposition: KEPT_DISPOSITION,
      }),
    );
    return 'kept';
  } catch (error) {
    const changed = error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412;
    if (changed || error instanceof NoSuchKey) return 'changed';
    throw error;
  }
};

/** Keeps a file that did not come from a user. Again with the same bytes changes nothing. */
export const keepFile = async (
  tenant: TenantId,
  id: UploadId,
  { bytes, contentType }: { readonly bytes: Uint8Array; readonly contentType: string },
): Promise<void> => {
  await s3.send(
    new PutObjectCommand({
      Bucket: Bucket(),
      Key: fileKey(tenant, id),
      Body: bytes,
      ContentType: contentType,
      ContentDisposition: KEPT_DISPOSITION,
    }),
  );
};

/** A kept file's bytes; undefined when it is gone. */
export const readFile = async (tenant: TenantId, id: UploadId): Promise<Uint8Array | undefined> => {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: Bucket(), Key: fileKey(tenant, id) }));
    return await Body?.transformToByteArray();
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
};

/** Removes what was uploaded, not what is kept. */
export const removeIncoming = async (tenant: TenantId, id: UploadId): Promise<void> => {
  await s3.send(new DeleteObjectCommand({ Bucket: Bucket(), Key: incomingKey(tenant, id) }));
};

/** Removes a file wherever it lies. Again, or without one, changes nothing. */
export const removeFile = async (tenant: TenantId, id: UploadId): Promise<void> => {
  await removeIncoming(tenant, id);
  await s3.send(new DeleteObjectCommand({ Bucket: Bucket(), Key: fileKey(tenant, id) }));
};
