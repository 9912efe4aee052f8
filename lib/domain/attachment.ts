import type { UploadRecord } from './upload.ts';
import type { AttachmentRecord, MessageRecord } from './message.ts';

/** The places of those that are still to be fetched. */
export const pendingPlaces = ({ attachments }: MessageRecord): number[] =>
  attachments.flatMap(({ state }, place) => (state === 'pending' ? [place] : []));

/** A file of ours, as a message carries it. */
export const attachmentOf = ({ id, name, contentType, size }: UploadRecord): AttachmentRecord => ({
  uploadId: id,
  name,
  contentType,
  size,
  state: 'stored',
  error: null,
  reference: '',
  fileId: id,
  tries: 0,
});

/** The message with one of its attachments changed. Nobody has to look after one that has no pending ones left. */
export const withAttachment = (
  message: MessageRecord,
  place: number,
  change: Partial<AttachmentRecord>,
): MessageRecord => {
  const attachments = message.attachments.map((each, index) => (index === place ? { ...each, ...change } : each));
  const after = { ...message, attachments, revision: message.revision + 1 };
  return pendingPlaces(after).length === 0 ? { ...after, dueAt: null } : after;
};

/** An attachment that was fetched, and is kept. */
export const stored = ({ id, contentType, size }: UploadRecord): Partial<AttachmentRecord> => ({
  uploadId: id,
  contentType,
  size,
  state: 'stored',
  error: null,
});

/** An attachment that is not tried any more by itself. */
export const failed = (error: NonNullable<AttachmentRecord['error']>): Partial<AttachmentRecord> => ({
  state: 'failed',
  error,
});

/** The ids of all files that a message has, or is about to have, in the bucket. */
export const fileIdsOf = ({ attachments }: MessageRecord): string[] =>
  attachments.flatMap(({ uploadId, fileId }) => [...new Set([uploadId ?? '', fileId])].filter((id) => id !== ''));
