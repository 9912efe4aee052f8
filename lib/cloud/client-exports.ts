import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { environment } from '../config/environment.ts';
import type { ClientId, JobId, TenantId } from '../contract/vocabulary.ts';
import { s3 } from './s3.ts';

/** Which export of which client. */
export interface ExportPlace {
  readonly tenant: TenantId;
  readonly clientId: ClientId;
  readonly id: JobId;
}

const Bucket = (): string => environment().UPLOADS_BUCKET;

/** All exports of a client lie together, so that none is overlooked when it is erased. */
const folderOf = ({ tenant, clientId }: Omit<ExportPlace, 'id'>): string => `exports/${tenant}/${clientId}/`;
const fileKey = (place: ExportPlace): string => `${folderOf(place)}${place.id}.zip`;
const directoryKey = (place: ExportPlace, part: number): string => `${folderOf(place)}${place.id}.directory/${part}`;

/** No part but the last may be smaller. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const LEAST_PART_BYTES = 5 * 1024 * 1024;

/** The file that was begun is not there to be written to: it was completed, or given up. */
export class ExportGone extends Error {
  override name = 'ExportGone';
}

/** An upload that was completed or given up, and what is removed after it. */
const isGone = (error: unknown): boolean =>
  error instanceof S3ServiceException && (error.name === 'NoSuchUpload' || error.name === 'NoSuchKey');

const orGone = async <Result>(work: Promise<Result>): Promise<Result> => {
  try {
    return await work;
  } catch (error) {
    throw isGone(error) ? new ExportGone('The export was completed or given up.') : error;
  }
};

/** Begins the file. @returns the bucket's name for it while it is written */
export const beginExport = async (place: ExportPlace): Promise<string> => {
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket: Bucket(), Key: fileKey(place), ContentType: 'application/zip' }),
  );
  if (UploadId === undefined) throw new Error('The bucket began no upload.');
  return UploadId;
};

/** Writes a part, counted from 1; one with its number is replaced. @returns its ETag @throws ExportGone */
export const writeExportPart = async (
  place: ExportPlace,
  uploadId: string,
  part: number,
  bytes: Uint8Array,
): Promise<string> => {
  const { ETag } = await orGone(
    s3.send(
      new UploadPartCommand({
        Bucket: Bucket(),
        Key: fileKey(place),
        UploadId: uploadId,
        PartNumber: part,
        Body: bytes,
        ContentLength: bytes.length,
      }),
    ),
  );
  if (ETag === undefined) throw new Error('The bucket took no part.');
  return ETag;
};

/** Completes the file of all its parts. @throws ExportGone */
export const completeExport = async (place: ExportPlace, uploadId: string, etags: readonly string[]): Promise<void> => {
  const Parts = etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
  await orGone(
    s3.send(
      new CompleteMultipartUploadCommand({
        Bucket: Bucket(),
        Key: fileKey(place),
        UploadId: uploadId,
        MultipartUpload: { Parts },
      }),
    ),
  );
};

/** Gives up a file that was begun. Again, or without one, changes nothing. */
export const giveExportUp = async (place: ExportPlace, uploadId: string): Promise<void> => {
  try {
    await s3.send(new AbortMultipartUploadCommand({ Bucket: Bucket(), Key: fileKey(place), UploadId: uploadId }));
  } catch (error) {
    if (!isGone(error)) throw error;
  }
};

/** Keeps what a part adds to the file's directory until that is written. */
export const keepDirectory = async (place: ExportPlace, part: number, bytes: Uint8Array): Promise<void> => {
  await s3.send(new PutObjectCommand({ Bucket: Bucket(), Key: directoryKey(place, part), Body: bytes }));
};

/** What the parts up to this one have added to the directory, in their order. @throws ExportGone */
export const readDirectories = async (place: ExportPlace, parts: number): Promise<Uint8Array[]> => {
  const directories: Uint8Array[] = [];
  for (let part = 1; part <= parts; part += 1) {
    const { Body } = await orGone(s3.send(new GetObjectCommand({ Bucket: Bucket(), Key: directoryKey(place, part) })));
    directories.push((await Body?.transformToByteArray()) ?? new Uint8Array());
  }
  return directories;
};

export const removeDirectories = async (place: ExportPlace, parts: number): Promise<void> => {
  for (let part = 1; part <= parts; part += 1) {
    await s3.send(new DeleteObjectCommand({ Bucket: Bucket(), Key: directoryKey(place, part) }));
  }
};

/** An address at which whoever holds it can fetch the export for so many seconds. */
export const signExport = (place: ExportPlace, seconds: number): Promise<string> =>
  getSignedUrl(
    s3,
    new GetObjectCommand({
      Bucket: Bucket(),
      Key: fileKey(place),
      ResponseContentType: 'application/zip',
      ResponseContentDisposition: `attachment; filename="client-${place.clientId}.zip"`,
    }),
    { expiresIn: seconds },
  );

/** Removes what lies of a client's exports, finished or not. @returns how many objects that were */
export const removeExports = async (tenant: TenantId, clientId: ClientId): Promise<number> => {
  let removed = 0;
  for (;;) {
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: Bucket(), Prefix: folderOf({ tenant, clientId }) }),
    );
    if (Contents.length === 0) return removed;
    for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket: Bucket(), Key }));
    removed += Contents.length;
  }
};
