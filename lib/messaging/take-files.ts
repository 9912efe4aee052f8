import type { ClientId, UploadId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { attachmentOf } from '../domain/attachment.ts';
import { Failure, notFound } from '../domain/failure.ts';
import type { AttachmentRecord } from '../domain/message.ts';
import { fileNameOf, type UploadRecord } from '../domain/upload.ts';
import type { Step } from '../table/transaction.ts';
import { findUploads, replaceUpload } from '../table/uploads.ts';
import { storingSteps, verifyUpload } from './uploads.ts';

/** The files that a message takes along, and what is written of them in the transaction that queues it. */
export interface TakenFiles {
  readonly attachments: readonly AttachmentRecord[];
  readonly steps: readonly Step[];
}

/** A chat, and those that it continues. */
interface Chat {
  readonly id: ClientId;
  readonly absorbed: readonly ClientId[];
}

const takeFile = async (act: Act, chat: Chat, upload: UploadRecord | undefined) => {
  if (upload === undefined || upload.removed) throw notFound();
  const { clientId } = upload;
  if (clientId !== null && ![chat.id, ...chat.absorbed].includes(clientId)) {
    throw new Failure('upload.used', "Upload the file again: this one is in another client's chat.");
  }
  const verified = await verifyUpload(act, upload);
  return { before: upload, after: clientId === null ? { ...verified, clientId: chat.id } : verified };
};

/**
 * Takes uploads into a chat, in the order in which they are named, looking at the bytes of those that nobody has used
 * yet. One read.
 *
 * @throws Failure `resource.not-found`, `upload.used`, `upload.awaited`, `upload.mismatch`, `upload.too-large`
 */
export const takeFiles = async (
  act: Act,
  chat: Chat,
  wished: readonly { readonly uploadId: UploadId }[],
): Promise<TakenFiles> => {
  const uploads = new Map(
    (
      await findUploads(
        act.tenant,
        wished.map(({ uploadId }) => uploadId),
      )
    ).map((upload) => [upload.id, upload]),
  );
  const taken = new Map<UploadId, Awaited<ReturnType<typeof takeFile>>>();
  // One after the other, so that no more than one is in memory.
  for (const { uploadId } of wished) {
    if (!taken.has(uploadId)) taken.set(uploadId, await takeFile(act, chat, uploads.get(uploadId)));
  }
  return {
    attachments: wished.flatMap(({ uploadId }) => {
      const file = taken.get(uploadId)?.after;
      return file === undefined ? [] : [attachmentOf({ ...file, name: fileNameOf(file) })];
    }),
    steps: [...taken.values()].flatMap(({ before, after }) =>
      before === after ? [] : [replaceUpload(act.tenant, before, after), ...storingSteps(act, before, after)],
    ),
  };
};
