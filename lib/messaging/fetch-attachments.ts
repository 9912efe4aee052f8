import { keepFile, removeFile } from '../cloud/files.ts';
import { MAX_FILE_BYTES } from '../contract/files.ts';
import { UploadIdSchema, type ChatId, type MessageId } from '../contract/vocabulary.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import { failed, pendingPlaces, stored, withAttachment } from '../domain/attachment.ts';
import type { AttachmentRecord, MessageRecord } from '../domain/message.ts';
import { messageEvent } from '../domain/occurrence.ts';
import { fileNameOf, receivedUpload } from '../domain/upload.ts';
import type { FetchedMedia } from '../providers/provider.ts';
import { findChannel } from '../table/channels.ts';
import { findChat } from '../table/chats.ts';
import { changeMessage, findMessage, type MessageChange } from '../table/messages.ts';
import type { Step } from '../table/transaction.ts';
import { putUpload } from '../table/uploads.ts';
import { MOST_TRIES, waitBeforeTry } from './fetch-again.ts';
import { identify } from './file-type.ts';
import { providerOf } from './provider-access.ts';

type Change = (message: MessageRecord, attachment: AttachmentRecord) => MessageChange;

/** Changes one attachment, if it is still to be fetched. Undefined when the message is gone. */
const changePending = (act: Act, { chatId, id }: MessageRecord, place: number, change: Change) =>
  changeMessage(act, chatId, id, (message) => {
    const attachment = message.attachments[place];
    return attachment?.state === 'pending' ? change(message, attachment) : undefined;
  });

/** The attachment shows as failed, and can be fetched again by hand. */
const giveUp = (act: Act, message: MessageRecord, place: number, code: string, detail: string) =>
  changePending(act, message, place, (before) => {
    const next = withAttachment(before, place, failed({ code, detail }));
    return { next, event: messageEvent(act, 'AttachmentFailed', next, before) };
  });

/** Not now: the due job has it fetched again. */
const postpone = (act: Act, message: MessageRecord, place: number, detail: string) =>
  changePending(act, message, place, (before, { tries }) => {
    if (tries >= MOST_TRIES) {
      const next = withAttachment(before, place, failed({ code: 'attachment.unavailable', detail }));
      return { next, event: messageEvent(act, 'AttachmentFailed', next, before) };
    }
    return { next: { ...before, dueAt: secondsAfter(act.now(), waitBeforeTry(tries)), revision: before.revision + 1 } };
  });

const keep = async (act: Act, message: MessageRecord, place: number, bytes: Uint8Array): Promise<void> => {
  const attachment = message.attachments[place];
  if (attachment === undefined) return;
  const id = UploadIdSchema.parse(attachment.fileId);
  const contentType = await identify(bytes, attachment.contentType);
  const name = fileNameOf({ name: attachment.name, contentType });
  await keepFile(act.tenant, id, { bytes, contentType });
  const upload = receivedUpload(act, id, message.chatId, { name, contentType, size: bytes.length });
  const also: Step[] = [putUpload(act.tenant, upload)];
  const after = await changePending(act, message, place, (before) => {
    const next = withAttachment(before, place, stored(upload));
    return { next, also, event: messageEvent(act, 'AttachmentStored', next, before) };
  });
  // Erased since: nothing of it may stay.
  if (after === undefined) await removeFile(act.tenant, id);
};

const fetchMedia = async (act: Act, message: MessageRecord, reference: string): Promise<FetchedMedia> => {
  const channel = message.channelId === null ? undefined : await findChannel(act.tenant, message.channelId);
  if (channel === undefined) {
    return {
      kind: 'refused',
      code: 'channel.disconnected',
      detail: 'Its channel was disconnected before it was fetched.',
    };
  }
  const { provider, credentials } = await providerOf(act.tenant, channel);
  return provider.fetchMedia(credentials, reference, MAX_FILE_BYTES);
};

const fetchOne = async (act: Act, message: MessageRecord, place: number): Promise<void> => {
  const { reference = '' } = message.attachments[place] ?? {};
  const fetched = await fetchMedia(act, message, reference);
  switch (fetched.kind) {
    case 'fetched':
      return keep(act, message, place, fetched.bytes);
    case 'refused':
      await giveUp(act, message, place, fetched.code, fetched.detail);
      return;
    case 'unavailable':
      await postpone(act, message, place, fetched.detail);
  }
};

/** What is not begun by then is left to the due job. */
const BEGIN_WITHIN_SECONDS = 20;

/**
 * Fetches what a client's message, as it was read, has to be fetched of, one file after the other. Who does it twice, or
 * beside somebody else, keeps the same bytes under the same id; the first to write it down is heard, the other changes
 * nothing.
 */
export const fetchFiles = async (act: Act, message: MessageRecord): Promise<void> => {
  const until = act.now().getTime() + BEGIN_WITHIN_SECONDS * 1000;
  for (const place of pendingPlaces(message)) {
    if (act.now().getTime() > until) return;
    await fetchOne(act, message, place);
  }
};

/**
 * As above, by its id; nothing when the message is gone, or its client is being erased: who died before it could remove
 * what it had just kept would leave a file that nothing leads to.
 */
export const fetchAttachments = async (act: Act, chatId: ChatId, id: MessageId): Promise<void> => {
  const [message, chat] = await Promise.all([findMessage(act.tenant, chatId, id), findChat(act.tenant, chatId)]);
  if (message === undefined || chat === undefined || chat.state === 'erased') return;
  await fetchFiles(act, message);
};
