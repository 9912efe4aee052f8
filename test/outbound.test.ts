import * as z from 'zod';
import { MessageSchema } from '../lib/contract/messages.ts';
import { problemOf, read } from './support/answers.ts';
import { eventually, sharedUrls, simulator } from './support/client.ts';
import { call } from '../local/http-client.ts';
import { newPhone, newTelegramUser, unique } from './support/random.ts';
import { openTenant } from './support/tenant.ts';

const OutboxSchema = z.object({
  items: z.array(
    z.object({
      transport: z.string(),
      from: z.string(),
      to: z.string(),
      text: z.string(),
      times: z.number(),
      accepted: z.number(),
      providerMessageId: z.string().optional(),
    }),
  ),
});

/** What a channel's provider was asked to send to somebody, in order. */
const sentTo = async (to: string, from: string) => {
  const { items } = read(await simulator().outbox({ to }), 200, OutboxSchema);
  return items.filter((item) => item.from === from);
};

const withClient = async (transport: 'sms' | 'whatsapp' = 'sms', phone = newPhone()) => {
  const tenant = await openTenant();
  const channel = await tenant.connectTwilio(transport);
  const { id } = await tenant.addClient({ phone, preferredTransport: transport });
  // WhatsApp takes what answers a client.
  if (transport === 'whatsapp') await tenant.receive(channel, { from: phone, text: 'Salom' });
  return { tenant, channel, phone, id };
};

describe('a message', () => {
  it('is accepted as queued, and goes to the provider once', async () => {
    const { tenant, channel, phone, id } = await withClient();
    const answer = await tenant.admin.post(`/crm/chats/${id}/messages`, { text: 'Your order is ready' });
    const queued = read(answer, 202, MessageSchema);
    expect(queued).toMatchObject({
      chatId: id,
      clientId: id,
      direction: 'outbound',
      transport: 'sms',
      channelId: channel.id,
      sender: { type: 'user', id: 'ana' },
      text: 'Your order is ready',
      status: 'queued',
      error: null,
      providerMessageId: null,
      resendOf: null,
      sentAt: null,
    });
    expect(answer.headers.get('location')).toBe(`/crm/chats/${id}/messages/${queued.id}`);
    const delivered = await tenant.becomes(queued, 'delivered');
    const outbox = await sentTo(phone, channel.address);
    const { providerMessageId } = delivered;
    expect(outbox).toMatchObject([{ text: queued.text, transport: 'sms', times: 1, accepted: 1, providerMessageId }]);
    const { sentAt, deliveredAt, readAt } = delivered;
    expect(queued.createdAt <= (sentAt ?? '')).toBe(true);
    expect((sentAt ?? '') <= (deliveredAt ?? '')).toBe(true);
    expect(readAt).toBeNull();
  });

  it('by WhatsApp is read when the client reads it', async () => {
    const { tenant, channel, phone, id } = await withClient('whatsapp');
    const sent = await tenant.send(id, { text: 'Salom' });
    await tenant.becomes(sent, 'delivered');
    // What is delivered here may still be on its way there.
    const readMessage = await eventually(async () => {
      await call('POST', `${sharedUrls().simulator}/simulator/read`, { body: { to: phone } });
      const now = await tenant.message(sent);
      expect(now.status).toBe('read');
      return now;
    });
    expect(readMessage.readAt).not.toBeNull();
    expect(await sentTo(phone, channel.address)).toMatchObject([{ transport: 'whatsapp', times: 1 }]);
  });

  it('by Telegram is sent by the bot to the user', async () => {
    const tenant = await openTenant();
    const [bot, user] = [await tenant.connectTelegram(), newTelegramUser()];
    await tenant.receive(bot, { from: user, text: 'Hello' });
    const { id } = await tenant.onlyChat();
    const sent = await tenant.becomes(await tenant.send(id, { text: 'Salom 👋' }), 'sent');
    expect(sent.providerMessageId).toMatch(new RegExp(`^${user}:\\d+$`));
    expect(await sentTo(String(user), bot.address)).toMatchObject([{ text: 'Salom 👋', times: 1, accepted: 1 }]);
  });

  it.each([
    ['+15005550001', '21211'],
    ['+15005550009', '21614'],
  ])('to %s is refused by Twilio and fails with its reason %s', async (phone, code) => {
    const { tenant, id } = await withClient('sms', phone);
    const failed = await tenant.becomes(await tenant.send(id, { text: unique('Hi') }), 'failed');
    expect(failed.error).toMatchObject({ code });
    expect(failed.error?.detail).not.toBe('');
    expect(failed.sentAt).toBeNull();
  });

  it('that Twilio takes and cannot deliver fails with its reason', async () => {
    const { tenant, id } = await withClient('sms', '+15005550011');
    const failed = await tenant.becomes(await tenant.send(id, { text: unique('Hi') }), 'failed');
    expect(failed).toMatchObject({ error: { code: '30003' } });
    expect(failed.providerMessageId).not.toBeNull();
  });

  it('keeps its place: ten in quick succession reach the provider in their order, each once', async () => {
    const { tenant, channel, phone, id } = await withClient();
    const texts = Array.from({ length: 10 }, (_, index) => `Message ${index}`);
    for (const text of texts) await tenant.send(id, { text });
    await eventually(async () => {
      expect((await sentTo(phone, channel.address)).map(({ text }) => text)).toEqual(texts);
    }, 20_000);
    expect((await sentTo(phone, channel.address)).map(({ times }) => times)).toEqual(texts.map(() => 1));
    const { messages } = await tenant.chat(id);
    expect(messages.map(({ text }) => text)).toEqual(texts.toReversed());
  });

  it('is one of many to many clients: every one is sent once', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    const clients = await Promise.all(
      Array.from({ length: 10 }, () => tenant.addClient({ phone: newPhone(), preferredTransport: 'sms' })),
    );
    await Promise.all(clients.map(({ id }) => tenant.send(id, { text: 'Sale!' })));
    await Promise.all(
      clients.map(({ phone }) =>
        eventually(async () => {
          expect(await sentTo(phone ?? '', channel.address)).toMatchObject([{ times: 1, accepted: 1 }]);
        }, 20_000),
      ),
    );
  });
});

describe('sending again', () => {
  it('makes a new message of a failed one, which stays as it is', async () => {
    const { tenant, id } = await withClient('sms', '+15005550002');
    const failed = await tenant.becomes(await tenant.send(id, { text: unique('Hi') }), 'failed');
    const path = `/crm/chats/${id}/messages/${failed.id}/resend`;
    const again = read(await tenant.admin.post(path), 202, MessageSchema);
    expect(again).toMatchObject({ resendOf: failed.id, text: failed.text, transport: 'sms', status: 'queued' });
    expect(again.id).not.toBe(failed.id);
    await tenant.becomes(again, 'failed');
    expect(await tenant.message(failed)).toEqual(failed);
  });

  it('is for failed and unknown messages of ours only', async () => {
    const { tenant, channel, phone, id } = await withClient();
    await tenant.receive(channel, { from: phone, text: 'Salom' });
    const sent = await tenant.becomes(await tenant.send(id, { text: 'Hi' }), 'delivered');
    const { messages } = await tenant.chat(id);
    const inbound = messages.find(({ direction }) => direction === 'inbound')?.id ?? '';
    for (const message of [sent.id, inbound]) {
      const answer = await tenant.admin.post(`/crm/chats/${id}/messages/${message}/resend`);
      problemOf(answer, 409, 'message.not-resendable');
    }
    const absent = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';
    problemOf(await tenant.admin.post(`/crm/chats/${id}/messages/${absent}/resend`), 404, 'resource.not-found');
  });

  it('is done once, however many ask for it', async () => {
    const { tenant, id } = await withClient('sms', '+15005550009');
    const failed = await tenant.becomes(await tenant.send(id, { text: unique('Hi') }), 'failed');
    const path = `/crm/chats/${id}/messages/${failed.id}/resend`;
    const answers = await Promise.all([1, 2, 3].map(() => tenant.admin.post(path)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409]);
    problemOf(await tenant.admin.post(path), 409, 'message.not-resendable');
  });

  it('honours an Idempotency-Key', async () => {
    const { tenant, id } = await withClient('sms', '+15005550003');
    const failed = await tenant.becomes(await tenant.send(id, { text: unique('Hi') }), 'failed');
    const [path, key] = [`/crm/chats/${id}/messages/${failed.id}/resend`, { 'idempotency-key': unique('key') }];
    const answers = await Promise.all([1, 2].map(() => tenant.admin.post(path, undefined, key)));
    const ids = new Set(answers.map((answer) => read(answer, 202, MessageSchema).id));
    expect(ids.size).toBe(1);
  });
});
