import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { environment } from '../config/environment.ts';
import { s3 } from './s3.ts';

/** No part but the last may be smaller. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const LEAST_PART_BYTES = 5 * 1024 * 1024;

/** A file that is written part by part, over as many invocations as it takes. */
export interface LongFile {
  readonly key: string;
  /** The bucket's name for it while it is being written. */
  readonly uploadId: string;
}

/** The file that was begun is not there to be written to: it was completed, or given up. */
export class FileGone extends Error {
  override name = 'FileGone';
}

const goneCodes: readonly string[] = ['NoSuchUpload', 'InvalidPart'];

const orGone = async <Result>(work: Promise<Result>): Promise<Result> => {
  try {
    return await work;
  } catch (error) {
    const isGone = error instanceof S3ServiceException && goneCodes.includes(error.name);
    throw isGone ? new FileGone('The file was completed or given up.') : error;
  }
};

const addressOf = ({ key, uploadId }: LongFile) => ({
  Bucket: environment().UPLOADS_BUCKET,
  Key: key,
  UploadId: uploadId,
});

/** Begins a file; nobody can read it before it is complete. */
export const beginFile = async (
  key: string,
  { contentType, disposition }: { readonly contentType: string; readonly disposition: string },
): Promise<LongFile> => {
  const { UploadId: uploadId } = await s3.send(
    new CreateMultipartUploadCommand({
      Bucket: environment().UPLOADS_BUCKET,
      Key: key,
      ContentType: contentType,
      ContentDisposition: disposition,
    }),
  );
  if (uploadId === undefined) throw new Error('The bucket began no upload.');
  return { key, uploadId };
};

/** Writes a part, counted from 1; one with its number is replaced. @returns its ETag @throws FileGone */
export const writePart = async (file: LongFile, part: number, bytes: Uint8Array): Promise<string> => {
  const { ETag } = await orGone(
    s3.send(new UploadPartCommand({ ...addressOf(file), PartNumber: part, Body: bytes, ContentLength: bytes.length })),
  );
  if (ETag === undefined) throw new Error('The bucket took no part.');
  return ETag;
};

/** Completes the file of all its parts, in their order. @throws FileGone */
export const completeFile = async (file: LongFile, etags: readonly string[]): Promise<void> => {
  const Parts = etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
  await orGone(s3.send(new CompleteMultipartUploadCommand({ ...addressOf(file), MultipartUpload: { Parts } })));
};
