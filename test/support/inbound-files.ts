import type * as z from 'zod';
import type { Channel } from '../../lib/contract/channels.ts';
import type { MessageSchema, Message } from '../../lib/contract/messages.ts';
import type { MessageRecord } from '../../lib/domain/message.ts';
import { findMessage } from '../../lib/table/messages.ts';
import { first } from './answers.ts';
import { eventually } from './client.ts';
import { newPhone, newTelegramUser } from './random.ts';
import { openTenant, type Tenant } from './tenant.ts';
import { openFile } from './uploads.ts';

type Attachment = z.infer<typeof MessageSchema>['attachments'][number];

export const PATIENCE_MS = 25_000;

export const hosted = (name: string, contentType: string, bytes: Buffer, more: object = {}) => ({
  name,
  contentType,
  base64: bytes.toString('base64'),
  ...more,
});

/** The customer sends files; answers with the message as it is at first. */
export const receive = async (tenant: Tenant, channel: Channel, fields: object): Promise<Message> => {
  const from = channel.provider === 'telegram' ? newTelegramUser() : newPhone();
  await tenant.receive(channel, { from, ...fields });
  return first((await tenant.chat(first(await tenant.chats()).id)).messages);
};

/** The attachments as soon as all are in this state. */
export const become = (tenant: Tenant, message: Message, state: Attachment['state']): Promise<Message> =>
  eventually(async () => {
    const now = await tenant.message(message);
    expect(now.attachments.map((attachment) => attachment.state)).toEqual(now.attachments.map(() => state));
    return now;
  }, PATIENCE_MS);

export const bytesOf = async (tenant: Tenant, { attachments }: Message): Promise<Buffer[]> => {
  const files = await Promise.all(attachments.map(({ uploadId }) => openFile(tenant.admin, uploadId ?? '')));
  return files.map(({ bytes }) => bytes);
};

export const recordOf = async (tenant: Tenant, { chatId, id }: Message): Promise<MessageRecord> => {
  const record = await findMessage(tenant.id, chatId, id);
  if (record === undefined) throw new Error('The message is gone.');
  return record;
};

export const openSms = async () => {
  const tenant = await openTenant();
  return { tenant, sms: await tenant.connectTwilio('sms') };
};
