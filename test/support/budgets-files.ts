import { handler as retryAttachment } from '../../functions/chats/retry-attachment.ts';
import { handler as sendMessage } from '../../functions/chats/send-message.ts';
import { handler as createUpload } from '../../functions/uploads/create-upload.ts';
import { handler as openUpload } from '../../functions/uploads/open-upload.ts';
import { UploadIdSchema, UserIdSchema } from '../../lib/contract/vocabulary.ts';
import { attachmentOf, failed } from '../../lib/domain/attachment.ts';
import { receivedMessage } from '../../lib/domain/message.ts';
import { newUpload, receivedUpload, type UploadRecord } from '../../lib/domain/upload.ts';
import { signUpload } from '../../lib/cloud/files.ts';
import { insertMessage } from '../../lib/table/messages.ts';
import { commit } from '../../lib/table/transaction.ts';
import { insertUpload } from '../../lib/table/uploads.ts';
import {
  act,
  read,
  readTogether,
  requestsOf,
  transaction,
  type Budget,
  type Chat,
  type Stage,
} from './budget-stage.ts';
import { png } from './files.ts';

const picture = { name: 'a.png', contentType: 'image/png', size: png.length };

/** A file that a user has uploaded, and nobody has looked at. */
const startUpload = async (): Promise<UploadRecord> => {
  const upload = newUpload(act, picture, UserIdSchema.parse('ana'));
  const { url, fields } = await signUpload(act.tenant, upload.id, upload.contentType, 3600);
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(png)]));
  await fetch(url, { method: 'POST', body: form });
  await commit(act.tenant, [insertUpload(act.tenant, upload)]);
  return upload;
};

/** A file that is in this chat. */
const startFile = async ({ id }: Chat): Promise<UploadRecord> => {
  const file = receivedUpload(act, UploadIdSchema.parse(act.newId()), id, picture);
  await commit(act.tenant, [insertUpload(act.tenant, file)]);
  return file;
};

/** A client's message whose file could not be fetched. */
const startFailed = async ({ channel }: Stage, chat: Chat) => {
  const message = receivedMessage(act, chat.id, {
    transport: 'sms',
    channelId: channel.id,
    sender: { type: 'sms', id: null, name: 'Ana', address: chat.phone, handle: null },
    text: '',
    media: [],
    providerMessageId: act.newId(),
    providerTime: null,
    editOf: null,
  });
  const error = failed({ code: 'attachment.gone', detail: 'It is gone.' });
  const attachments = [{ ...attachmentOf(await startFile(chat)), ...error }];
  await commit(act.tenant, [insertMessage(act.tenant, { ...message, attachments, readAt: message.createdAt })]);
  return message;
};

const sendFile = async (stage: Stage, { id }: Chat, { id: uploadId }: UploadRecord): Promise<string[]> => {
  const body = { attachments: [{ uploadId }] };
  return requestsOf(sendMessage, stage.call({ chatId: id }, { method: 'POST', body }), 202);
};

/** What files cost. */
export const fileBudgets: readonly Budget[] = [
  {
    operation: 'announce a file',
    promised: [transaction],
    run: (stage) => requestsOf(createUpload, stage.call({}, { method: 'POST', body: picture }), 201),
  },
  {
    operation: 'open a file for the first time',
    promised: [read, transaction],
    run: async (stage) => {
      const { id } = await startUpload();
      return requestsOf(openUpload, stage.call({ uploadId: id }), 302);
    },
  },
  {
    operation: 'open a file of a chat',
    promised: [read, read],
    run: async (stage, chat) => {
      const { id } = await startFile(chat);
      return requestsOf(openUpload, stage.call({ uploadId: id }), 302);
    },
  },
  {
    operation: 'send a file for the first time',
    promised: [readTogether, readTogether, transaction],
    run: async (stage, chat) => sendFile(stage, chat, await startUpload()),
  },
  {
    operation: 'fetch an attachment again',
    promised: [readTogether, transaction],
    run: async (stage, chat) => {
      const { id } = await startFailed(stage, chat);
      const params = { chatId: chat.id, messageId: id, index: '0' };
      return requestsOf(retryAttachment, stage.call(params, { method: 'POST' }), 202);
    },
  },
];
