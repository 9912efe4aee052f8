import { MessageSchema, type Message } from '../lib/contract/messages.ts';
import { UploadIdSchema } from '../lib/contract/vocabulary.ts';
import { secondsAfter } from '../lib/domain/act.ts';
import type { MessageRecord } from '../lib/domain/message.ts';
import { MOST_TRIES } from '../lib/messaging/fetch-again.ts';
import { fetchAttachments, fetchFiles } from '../lib/messaging/fetch-attachments.ts';
import { changeHead } from '../lib/table/chat-head.ts';
import { findChat } from '../lib/table/chats.ts';
import { insertMessage } from '../lib/table/messages.ts';
import { commit } from '../lib/table/transaction.ts';
import { findUpload } from '../lib/table/uploads.ts';
import { first, problemOf, read } from './support/answers.ts';
import { objectsOf } from './support/bucket.ts';
import { newAct, newMessageId } from './support/builders.ts';
import { eventually } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { pdf, png } from './support/files.ts';
import { become, bytesOf, hosted, openSms, PATIENCE_MS, receive, recordOf } from './support/inbound-files.ts';
import { newAccountSid, newPhone, newTelegramUser } from './support/random.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const retry = (tenant: Tenant, { chatId, id }: Message, place: number | string = 0) =>
  tenant.admin.post(`/crm/chats/${chatId}/messages/${id}/attachments/${place}/retry`);

describe("a client's file that cannot be fetched", () => {
  it.each([
    ['twilio', 'as Twilio is away for a moment'],
    ['telegram', 'as Telegram is away for a moment'],
  ])('from %s, %s, is fetched a little later', async (provider) => {
    const tenant = await openTenant();
    const channel = provider === 'twilio' ? await tenant.connectTwilio('sms') : await tenant.connectTelegram();
    const media = [hosted('a.pdf', 'application/pdf', pdf, { failures: 2 })];
    const message = await receive(tenant, channel, { media });
    const stored = await become(tenant, message, 'stored');
    expect(await bytesOf(tenant, stored)).toEqual([pdf]);
    expect((await recordOf(tenant, stored)).dueAt).toBeNull();
  });

  it.each([
    ['Twilio', 'twilio', { size: 26 * 1024 * 1024 }, 'attachment.too-large', '25 MB'],
    ['Telegram', 'telegram', { size: 20_000_001 }, 'attachment.too-large', '20 MB'],
  ])('because it is more than %s or we hand over shows why', async (_, provider, more, code, named) => {
    const tenant = await openTenant();
    const channel = provider === 'twilio' ? await tenant.connectTwilio('sms') : await tenant.connectTelegram();
    const media = [hosted('a.pdf', 'application/pdf', pdf, more), hosted('b.png', 'application/x-png', png)];
    await tenant.receive(channel, { from: provider === 'twilio' ? newPhone() : newTelegramUser(), media });
    const { id: chatId } = first(await tenant.chats());
    await eventually(async () => {
      const attachments = (await tenant.chat(chatId)).messages.flatMap((message) => message.attachments);
      const failed = attachments.filter(({ state }) => state === 'failed');
      expect(failed).toMatchObject([{ uploadId: null, error: { code } }]);
      expect(failed[0]?.error?.detail).toContain(named);
      expect(attachments.filter(({ state }) => state === 'stored')).toMatchObject([{ contentType: 'image/png' }]);
    }, PATIENCE_MS);
    const { data } = await eventOf(tenant.id, 'AttachmentFailed');
    expect(data).toMatchObject({ direction: 'inbound' });
  });

  it.each([
    ['twilio', { MediaUrl0: `https://api.twilio.com/2010-04-01/Accounts/${newAccountSid()}/Messages/x/Media/y` }],
    ['telegram', { document: { file_id: 'unknown', file_unique_id: 'unknown' }, photo: undefined }],
  ])('because %s does not know it can be tried again by hand', async (provider, fields) => {
    const tenant = await openTenant();
    const channel = provider === 'twilio' ? await tenant.connectTwilio('sms') : await tenant.connectTelegram();
    const message = await receive(tenant, channel, { media: [hosted('a.pdf', 'application/pdf', pdf)], fields });
    const failed = await become(tenant, message, 'failed');
    expect(failed.attachments[0]?.error?.code).toMatch(/^attachment\.(gone|unknown)$/);
    const again = read(await retry(tenant, message), 202, MessageSchema);
    expect(again.attachments).toMatchObject([{ state: 'pending', error: null }]);
    const asked = await eventOf(tenant.id, 'AttachmentRetried', message.id);
    expect(asked).toMatchObject({ actor: { type: 'user', id: 'ana' }, data: { id: message.id } });
    await become(tenant, message, 'failed');
  });

  it('and is there again is fetched when somebody asks', async () => {
    const { tenant, sms } = await openSms();
    const message = await receive(tenant, sms, { media: [hosted('a.png', 'image/png', png)] });
    const stored = await become(tenant, message, 'stored');
    const record = await recordOf(tenant, stored);
    const lost = first(record.attachments);
    const error = { code: 'attachment.gone', detail: 'The provider does not have this file any more.' };
    const fileId = newAct().newId();
    const planted: MessageRecord = {
      ...record,
      id: newMessageId(),
      attachments: [{ ...lost, fileId, uploadId: null, state: 'failed', error }],
    };
    await commit(tenant.id, [insertMessage(tenant.id, planted)]);
    const agent = await tenant.as('agent');
    const path = `/crm/chats/${message.chatId}/messages/${planted.id}/attachments/0/retry`;
    read(await agent.post(path), 202, MessageSchema);
    expect(await bytesOf(tenant, await become(tenant, planted, 'stored'))).toEqual([png]);
  });

  it('is tried again only when it has failed, where it is, and by who may', async () => {
    const { tenant, sms } = await openSms();
    const message = await receive(tenant, sms, { media: [hosted('a.png', 'image/png', png)] });
    await become(tenant, message, 'stored');
    problemOf(await retry(tenant, message), 409, 'attachment.not-failed');
    for (const place of [1, -1, 'nonsense']) problemOf(await retry(tenant, message, place), 404, 'resource.not-found');
    problemOf(await retry(await openTenant(), message), 404, 'resource.not-found');
  });

  it('is given up after many attempts', async () => {
    const { tenant, sms } = await openSms();
    const message = await receive(tenant, sms, { media: [hosted('a.png', 'image/png', png, { failures: 1_000 })] });
    const record = await recordOf(tenant, message);
    const exhausted: MessageRecord = {
      ...record,
      id: newMessageId(),
      attachments: record.attachments.map((attachment) => ({ ...attachment, tries: MOST_TRIES })),
    };
    await commit(tenant.id, [insertMessage(tenant.id, exhausted)]);
    const act = newAct({ tenant: tenant.id });
    await fetchAttachments(act, exhausted.chatId, exhausted.id);
    const failed = await tenant.message(exhausted);
    expect(failed.attachments).toMatchObject([{ state: 'failed', error: { code: 'attachment.unavailable' } }]);
    await eventOf(tenant.id, 'AttachmentFailed', failed.id);
  });
});

describe('what a crash loses sight of', () => {
  const plant = async (tenant: Tenant, message: Message): Promise<MessageRecord> => {
    const record = await recordOf(tenant, message);
    const act = newAct();
    const planted: MessageRecord = {
      ...record,
      id: newMessageId(),
      attachments: record.attachments.map((each) => ({
        ...each,
        fileId: act.newId(),
        uploadId: null,
        state: 'pending',
      })),
      dueAt: secondsAfter(act.now(), -1),
    };
    await commit(tenant.id, [insertMessage(tenant.id, planted)]);
    return planted;
  };

  it('is found by the due job, and fetched', async () => {
    const { tenant, sms } = await openSms();
    const message = await receive(tenant, sms, { media: [hosted('a.png', 'image/png', png)] });
    const planted = await plant(tenant, await become(tenant, message, 'stored'));
    const stored = await become(tenant, planted, 'stored');
    expect(await bytesOf(tenant, stored)).toEqual([png]);
    const asked = await eventOf(tenant.id, 'AttachmentRetried', planted.id);
    expect(asked.actor).toEqual({ type: 'system', id: 'settle-due' });
  });

  it('is not fetched any more of a client that is being erased', async () => {
    const { tenant, sms } = await openSms();
    const message = await receive(tenant, sms, { media: [hosted('a.png', 'image/png', png)] });
    const record = await recordOf(tenant, await become(tenant, message, 'stored'));
    const act = newAct({ tenant: tenant.id });
    const chat = await findChat(tenant.id, message.chatId);
    if (chat === undefined) throw new Error('There is no such chat.');
    const attachments = record.attachments.map((each) => ({
      ...each,
      fileId: act.newId(),
      uploadId: null,
      state: 'pending' as const,
    }));
    const late = { ...record, id: newMessageId(), attachments };
    await commit(tenant.id, [
      insertMessage(tenant.id, late),
      changeHead(tenant.id, chat, { ...chat, state: 'erased' }),
    ]);
    await fetchAttachments(act, late.chatId, late.id);
    expect((await recordOf(tenant, late)).attachments).toMatchObject([{ state: 'pending' }]);
    expect((await objectsOf(tenant.id)).size).toBe(1);
  });

  it('leaves nothing in the bucket when the message is erased while its file is fetched', async () => {
    const { tenant, sms } = await openSms();
    const message = await receive(tenant, sms, { media: [hosted('a.png', 'image/png', png)] });
    const record = await recordOf(tenant, await become(tenant, message, 'stored'));
    const fileId = newAct().newId();
    const attachments = record.attachments.map((each) => ({ ...each, fileId, state: 'pending' as const }));
    await fetchFiles(newAct({ tenant: tenant.id }), { ...record, id: newMessageId(), attachments });
    expect([...(await objectsOf(tenant.id)).keys()]).toEqual([`files/${tenant.id}/${record.attachments[0]?.uploadId}`]);
    expect(await findUpload(tenant.id, UploadIdSchema.parse(fileId))).toBeUndefined();
  });
});
