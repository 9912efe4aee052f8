import { fetchAttachments } from '../lib/messaging/fetch-attachments.ts';
import { first, problemOf } from './support/answers.ts';
import { newAct } from './support/builders.ts';
import { eventually } from './support/client.ts';
import { eventOf, eventsOf } from './support/events.ts';
import { exe, gif, jpeg, pdf, png } from './support/files.ts';
import { become, bytesOf, hosted, openSms, receive, recordOf } from './support/inbound-files.ts';
import { openTenant } from './support/tenant.ts';
import { openFile } from './support/uploads.ts';

describe("a client's file", () => {
  it('on SMS is announced at once, fetched from Twilio, and kept as what its bytes are', async () => {
    const { tenant, sms } = await openSms();
    const media = [hosted('a.jpg', 'image/jpeg', png), hosted('b.pdf', 'application/pdf', pdf)];
    const message = await receive(tenant, sms, { text: 'See', media });
    const announced = await eventOf(tenant.id, 'MessageReceived', message.id);
    expect(announced.data.attachments).toMatchObject([
      { uploadId: null, name: 'attachment-1.jpg', contentType: 'image/jpeg', state: 'pending', error: null },
      { uploadId: null, name: 'attachment-2.pdf', state: 'pending' },
    ]);
    const stored = await become(tenant, message, 'stored');
    expect(stored.attachments).toMatchObject([
      { contentType: 'image/png', size: png.length, error: null },
      { contentType: 'application/pdf', size: pdf.length, error: null },
    ]);
    expect(await bytesOf(tenant, stored)).toEqual([png, pdf]);
    const events = await eventually(async () => {
      const all = (await eventsOf(tenant.id)).filter(({ type }) => type === 'AttachmentStored');
      expect(all).toHaveLength(2);
      return all;
    });
    expect(events.at(-1)?.data).toEqual(stored);
  });

  it('on WhatsApp', async () => {
    const tenant = await openTenant();
    const whatsapp = await tenant.connectTwilio('whatsapp');
    const message = await receive(tenant, whatsapp, { media: [hosted('a.gif', 'image/gif', gif)] });
    const stored = await become(tenant, message, 'stored');
    expect(await bytesOf(tenant, stored)).toEqual([gif]);
  });

  it.each([
    ['photo', hosted('p.jpg', 'image/jpeg', jpeg), jpeg, { contentType: 'image/jpeg' }],
    ['document', hosted('счёт.pdf', 'application/pdf', pdf), pdf, { contentType: 'application/pdf', name: 'счёт.pdf' }],
    ['program', hosted('счёт.pdf', 'application/pdf', exe), exe, { contentType: 'application/x-msdownload' }],
  ])('on Telegram: a %s', async (_, media, bytes, shown) => {
    const tenant = await openTenant();
    const bot = await tenant.connectTelegram();
    const stored = await become(tenant, await receive(tenant, bot, { text: 'See', media: [media] }), 'stored');
    expect(stored.attachments).toMatchObject([{ ...shown, size: bytes.length }]);
    expect(await bytesOf(tenant, stored)).toEqual([bytes]);
    const { disposition } = await openFile(tenant.admin, stored.attachments[0]?.uploadId ?? '');
    expect(disposition).toMatch(shown.contentType.startsWith('image/') ? /^inline/ : /^attachment/);
  });

  it('is nobody else’s', async () => {
    const { tenant, sms } = await openSms();
    const stored = await become(
      tenant,
      await receive(tenant, sms, { media: [hosted('a', 'image/png', png)] }),
      'stored',
    );
    const stranger = await openTenant();
    const answer = await stranger.admin.get(`/crm/uploads/${stored.attachments[0]?.uploadId ?? ''}`);
    problemOf(answer, 404, 'resource.not-found');
  });

  it('that comes three times at once is kept once, and heard of once', async () => {
    const { tenant, sms } = await openSms();
    const message = await receive(tenant, sms, { media: [hosted('a.png', 'image/png', png)], times: 3 });
    const act = newAct({ tenant: tenant.id });
    await Promise.all([1, 2, 3, 4].map(() => fetchAttachments(act, message.chatId, message.id)));
    const stored = await become(tenant, message, 'stored');
    expect((await tenant.chat(message.chatId)).messages).toHaveLength(1);
    await eventOf(tenant.id, 'AttachmentStored', message.id);
    const { fileId, uploadId } = first((await recordOf(tenant, stored)).attachments);
    expect(uploadId).toBe(fileId);
  });

  it('is read, and fetched, in whatever order', async () => {
    const { tenant, sms } = await openSms();
    const message = await receive(tenant, sms, { media: [hosted('a.png', 'image/png', png, { failures: 1 })] });
    await tenant.admin.put(`/crm/chats/${message.chatId}/messages/${message.id}/read`);
    const stored = await become(tenant, message, 'stored');
    expect(stored.readAt).not.toBeNull();
    expect((await tenant.chat(message.chatId)).unreadCount).toBe(0);
  });
});
