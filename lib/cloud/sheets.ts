import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { environment } from '../config/environment.ts';
import type { ImportId, JobId, TenantId } from '../contract/vocabulary.ts';
import { s3 } from './s3.ts';

/** What users upload; removed when it is imported, and by the bucket after 7 days. */
const sheetKey = (tenant: TenantId, id: ImportId): string => `imports/${tenant}/${id}.csv`;
/** What became of each row; removed by the bucket after 30 days. */
export const reportKey = (tenant: TenantId, id: ImportId, run: number): string => `reports/${tenant}/${id}-${run}.csv`;
/** Clients for users to fetch; removed by the bucket after a day. */
export const exportedKey = (tenant: TenantId, id: JobId): string => `sheets/${tenant}/${id}.csv`;

const Bucket = (): string => environment().UPLOADS_BUCKET;

export const MAX_SHEET_BYTES = 50 * 1024 * 1024;

/**
 * Lets whoever holds the answer upload one file, under this very key, for so many seconds.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export const signSheet = (tenant: TenantId, id: ImportId, seconds: number) => {
  const Key = sheetKey(tenant, id);
  return createPresignedPost(s3, {
    Bucket: Bucket(),
    Key,
    Conditions: [
      ['eq', '$key', Key],
      ['content-length-range', 1, MAX_SHEET_BYTES],
    ],
    Expires: seconds,
  });
};

/** An uploaded file. `etag` changes when somebody uploads again. */
export interface Sheet {
  readonly size: number;
  readonly etag: string;
}

/** What was uploaded; undefined when nothing was, or it has been removed. */
export const findSheet = async (tenant: TenantId, id: ImportId): Promise<Sheet | undefined> => {
  try {
    const command = new HeadObjectCommand({ Bucket: Bucket(), Key: sheetKey(tenant, id) });
    const { ContentLength: size = 0, ETag: etag = '' } = await s3.send(command);
    return { size, etag };
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
};

/** The file that was found is not there any more: it was removed, or another one uploaded. */
export class SheetGone extends Error {
  override name = 'SheetGone';
}

/** So many bytes of a file from `offset` on, or what there is. @throws SheetGone */
export const readSheet = async (
  tenant: TenantId,
  id: ImportId,
  { etag }: Pick<Sheet, 'etag'>,
  { offset, length }: { readonly offset: number; readonly length: number },
): Promise<Uint8Array> => {
  try {
    const { Body } = await s3.send(
      new GetObjectCommand({
        Bucket: Bucket(),
        Key: sheetKey(tenant, id),
        IfMatch: etag,
        Range: `bytes=${offset}-${offset + length - 1}`,
      }),
    );
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    const changed = error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412;
    if (changed || error instanceof NoSuchKey) throw new SheetGone('The file was removed or replaced.');
    throw error;
  }
};

/** Removes an uploaded file. Again, or without one, changes nothing. */
export const removeSheet = async (tenant: TenantId, id: ImportId): Promise<void> => {
  await s3.send(new DeleteObjectCommand({ Bucket: Bucket(), Key: sheetKey(tenant, id) }));
};

/** An address at which whoever holds it can fetch a report or an export for so many seconds. */
export const signSheetLink = (key: string, seconds: number): Promise<string> =>
  getSignedUrl(s3, new GetObjectCommand({ Bucket: Bucket(), Key: key }), { expiresIn: seconds });
