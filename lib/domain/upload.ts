import * as z from 'zod';
import { extensionsOf, FILE_TYPES, MAX_FILE_BYTES } from '../contract/files.ts';
import { UploadSchema, type NewUpload } from '../contract/uploads.ts';
import {
  ClientIdSchema,
  UploadIdSchema,
  UserIdSchema,
  type ClientId,
  type UploadId,
  type UserId,
} from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from './act.ts';
import { Failure } from './failure.ts';

/** A file as it is stored: what is known about it. Its bytes are in the bucket. */
export const UploadRecordSchema = UploadSchema.extend({
  /** Nobody may use it any more, and its bytes are about to go. */
  removed: z.boolean(),
  /** In whose chat it is. One that is in a chat stays there, and in no other client's. */
  clientId: ClientIdSchema.nullable(),
  /** When the due job clears up after it; `null`: there is nothing to be cleared up. */
  dueAt: z.string().nullable(),
  revision: z.int(),
});
export type UploadRecord = z.infer<typeof UploadRecordSchema>;

/** An upload that nobody has used by then is removed. */
const UNUSED_SECONDS = 24 * 3600;

/** `Text/CSV; charset=utf-8` is `text/csv`. */
export const mediaTypeOf = (contentType: string): string => contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

export const tooLarge = (size: number): Failure =>
  new Failure('upload.too-large', `A file may have ${megabytes(MAX_FILE_BYTES)}; this one has ${megabytes(size)}.`);

/** What is announced, if it may be. @throws Failure `upload.type`, `upload.too-large` */
export const newUpload = (act: Act, { name, contentType, size }: NewUpload, createdBy: UserId): UploadRecord => {
  const type = mediaTypeOf(contentType);
  if (!FILE_TYPES.includes(type)) {
    throw new Failure('upload.type', `Files of type ${type} are not taken, only: ${FILE_TYPES.join(', ')}.`);
  }
  if (size > MAX_FILE_BYTES) throw tooLarge(size);
  return {
    id: UploadIdSchema.parse(act.newId()),
    name,
    contentType: type,
    size,
    state: 'awaiting',
    error: null,
    createdBy: UserIdSchema.parse(createdBy),
    createdAt: instant(act.now()),
    removed: false,
    clientId: null,
    dueAt: secondsAfter(act.now(), UNUSED_SECONDS),
    revision: 1,
  };
};

interface Content {
  readonly contentType: string;
  readonly size: number;
}

/** A client's file, which was fetched from its provider. */
export const receivedUpload = (
  act: Act,
  id: UploadId,
  clientId: ClientId,
  { name, contentType, size }: Content & { readonly name: string },
): UploadRecord => ({
  id,
  name,
  contentType,
  size,
  state: 'stored',
  error: null,
  createdBy: null,
  createdAt: instant(act.now()),
  removed: false,
  clientId,
  dueAt: null,
  revision: 1,
});

/** Its bytes were looked at and are kept. */
export const storedUpload = (upload: UploadRecord, { contentType, size }: Content): UploadRecord => ({
  ...upload,
  state: 'stored',
  contentType,
  size,
});

/** Its bytes were looked at and are not what they were announced to be. */
export const refusedUpload = (upload: UploadRecord, { code, message }: Failure): UploadRecord => ({
  ...upload,
  state: 'refused',
  error: { code, detail: message },
});

const refusals = ['upload.mismatch', 'upload.too-large'] as const;

/** As it was refused, for whoever asks again. */
export const refusalOf = ({ error }: UploadRecord): Failure => {
  const code = refusals.find((known) => known === error?.code) ?? 'upload.mismatch';
  return new Failure(code, error?.detail ?? 'The file was refused.');
};

/** A name that ends as the type of the bytes says, so that nobody opens `photo.html` as anything but a picture. */
export const fileNameOf = ({ name, contentType }: Pick<UploadRecord, 'name' | 'contentType'>): string => {
  const [usual, ...others] = extensionsOf(contentType);
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase();
  const fits = usual === undefined || (extension !== undefined && [usual, ...others].includes(extension));
  return fits ? name : `${name}.${usual}`;
};

/** A name that somebody else chose: without paths, signs that cannot be seen, and more than a name needs. */
export const cleanName = (name: string): string => {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const clean = last.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '').trim();
  return (clean === '' ? 'file' : clean).slice(0, 255).toWellFormed();
};
