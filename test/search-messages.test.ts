import { setTimeout as sleep } from 'node:timers/promises';
import { ClientSchema } from '../lib/contract/clients.ts';
import type { Message } from '../lib/contract/messages.ts';
import { problemOf, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { newPhone } from './support/random.ts';
import { messagesFound, untilFound } from './support/search.ts';
import { MessagesSchema, openTenant, type Tenant } from './support/tenant.ts';

const search = (q: string, filter: Readonly<Record<string, string>> = {}) =>
  `/crm/messages/search?${new URLSearchParams({ q, ...filter }).toString()}`;

/** A tenant with a number, and a chat with a client that can be written to. */
const openChats = async (count: number) => {
  const tenant = await openTenant();
  const channel = await tenant.connectTwilio('sms');
  const clients = await Promise.all(Array.from({ length: count }, () => tenant.addClient({ phone: newPhone() })));
  return { tenant, channel, clients, chats: clients.map(({ id }) => id) };
};

/** One after the other, each at a time of its own. */
const sendAll = async (tenant: Tenant, chatId: string, texts: readonly string[]): Promise<Message[]> => {
  const messages: Message[] = [];
  for (const text of texts) {
    messages.push(await tenant.send(chatId, { text, transport: 'sms' }));
    await sleep(2);
  }
  return messages;
};

const idsOf = (messages: readonly Message[]): string[] => messages.map(({ id }) => id).toReversed();

describe('a message', () => {
  it('is found by its words in any spelling, sent or received', async () => {
    const { tenant, channel, clients, chats } = await openChats(1);
    const [chatId = ''] = chats;
    await tenant.receive(channel, { from: clients[0]?.phone, text: 'Буюртмам қачон келади?' });
    const sent = await tenant.send(chatId, { text: "Buyurtmangiz yo'lda, ertaga yetib boradi.", transport: 'sms' });
    await eventually(async () => expect(await messagesFound(tenant.admin, 'yo‘lda ERTAGA')).toEqual([sent.id]));
    const { items } = await eventually(async () => {
      const page = read(await tenant.admin.get(search('buyurtmam qachon keladi')), 200, MessagesSchema);
      expect(page.items).toHaveLength(1);
      return page;
    });
    expect(items).toMatchObject([{ chatId, direction: 'inbound', text: 'Буюртмам қачон келади?' }]);
    expect(await messagesFound(tenant.admin, 'йўлда етиб')).toEqual([sent.id]);
    expect(await messagesFound(tenant.admin, 'buyurtma')).toEqual([]);
    expect(await messagesFound((await openTenant()).admin, 'ertaga')).toEqual([]);
  });

  it('is given as it is now, to whom may read messages', async () => {
    const { tenant, chats } = await openChats(1);
    const message = await tenant.send(chats[0] ?? '', { text: 'Tayyor', transport: 'sms' });
    const agent = await tenant.as('agent');
    await untilFound(() => messagesFound(agent, 'tayyor'), [message.id]);
    const delivered = await tenant.becomes(message, 'delivered');
    expect(read(await agent.get(search('tayyor')), 200, MessagesSchema)).toEqual({
      items: [delivered],
      nextCursor: null,
    });
  });

  it('of a deleted client is not found; once it is restored, it is', async () => {
    const { tenant, chats } = await openChats(1);
    const [chatId = ''] = chats;
    const { id } = await tenant.send(chatId, { text: 'Salom', transport: 'sms' });
    await untilFound(() => messagesFound(tenant.admin, 'salom'), [id]);
    expect((await tenant.admin.delete(`/crm/clients/${chatId}`)).status).toBe(204);
    expect(await messagesFound(tenant.admin, 'salom')).toEqual([]);
    problemOf(await tenant.admin.get(search('salom', { chatId })), 404, 'resource.not-found');
    read(await tenant.admin.post(`/crm/clients/${chatId}/restore`), 200, ClientSchema);
    expect(await messagesFound(tenant.admin, 'salom')).toEqual([id]);
  });
});

describe('a search for messages', () => {
  it('gives the newest first, by pages, each message once', async () => {
    const { tenant, chats } = await openChats(2);
    const [one = '', other = ''] = chats;
    const texts = ['salom dunyo', 'salom', 'dunyo salom', 'dunyo'];
    const messages = [...(await sendAll(tenant, one, texts)), ...(await sendAll(tenant, other, texts))];
    const greetings = idsOf(messages.filter(({ text }) => text.includes('salom')));
    const both = idsOf(messages.filter(({ text }) => text.includes('salom') && text.includes('dunyo')));
    await untilFound(() => messagesFound(tenant.admin, 'salom'), greetings);
    await untilFound(() => messagesFound(tenant.admin, 'дунё салом'), both);
    for (const limit of [1, 2, 3]) {
      expect(await messagesFound(tenant.admin, 'salom', {}, limit)).toEqual(greetings);
      expect(await messagesFound(tenant.admin, 'dunyo salom', {}, limit)).toEqual(both);
    }
  });

  it('in one chat finds what is there alone', async () => {
    const { tenant, chats } = await openChats(2);
    const [one = '', other = ''] = chats;
    const here = await sendAll(tenant, one, ['salom', 'xayr salom', 'xayr']);
    const there = await sendAll(tenant, other, ['salom', 'xayr salom']);
    await untilFound(() => messagesFound(tenant.admin, 'salom'), [...idsOf(there), ...idsOf(here.slice(0, 2))]);
    for (const limit of [1, 100]) {
      expect(await messagesFound(tenant.admin, 'salom', { chatId: one }, limit)).toEqual(idsOf(here.slice(0, 2)));
      expect(await messagesFound(tenant.admin, 'xayr salom', { chatId: other }, limit)).toEqual([there[1]?.id]);
    }
  });

  it('takes days and moments, both included', async () => {
    const { tenant, chats } = await openChats(1);
    const messages = await sendAll(tenant, chats[0] ?? '', ['salom', 'salom', 'salom']);
    await untilFound(() => messagesFound(tenant.admin, 'salom'), idsOf(messages));
    const [first, second, third] = messages.map(({ createdAt }) => createdAt);
    const found = (filter: Readonly<Record<string, string>>) => messagesFound(tenant.admin, 'salom', filter);
    expect(await found({ from: second ?? '' })).toEqual(idsOf(messages.slice(1)));
    expect(await found({ to: second ?? '' })).toEqual(idsOf(messages.slice(0, 2)));
    expect(await found({ from: second ?? '', to: second ?? '' })).toEqual([messages[1]?.id]);
    expect(await found({ from: '2100-01-01' })).toEqual([]);
    expect(await found({ to: '2020-01-01' })).toEqual([]);
    const days = { from: first?.slice(0, 10) ?? '', to: third?.slice(0, 10) ?? '' };
    expect(await found(days)).toEqual(idsOf(messages));
    // As another clock shows it.
    const inTashkent = new Date(Date.parse(second ?? '') + 5 * 3_600_000).toISOString().replace('Z', '+05:00');
    expect(await found({ from: inTashkent, to: inTashkent })).toEqual([messages[1]?.id]);
  });

  it('that is none, or in a chat that is none, is refused', async () => {
    const { tenant, chats } = await openChats(1);
    const { admin } = tenant;
    problemOf(await admin.get('/crm/messages/search'), 400, 'request.invalid');
    problemOf(await admin.get(search('salom', { from: 'yesterday' })), 400, 'request.invalid');
    problemOf(await admin.get(search('salom', { to: '2026-13-01' })), 400, 'request.invalid');
    problemOf(await admin.get(search('salom', { chatId: 'x' })), 400, 'request.invalid');
    problemOf(await admin.get(search('salom', { author: 'ana' })), 400, 'request.invalid');
    problemOf(await admin.get(search('…')), 422, 'search.empty');
    problemOf(await admin.get(search('a b c d e f g h i')), 422, 'search.limit');
    const nobody = problemOf(
      await admin.get(search('salom', { chatId: '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10' })),
      404,
      'resource.not-found',
    );
    const stranger = (await openTenant()).admin;
    const foreign = problemOf(
      await stranger.get(search('salom', { chatId: chats[0] ?? '' })),
      404,
      'resource.not-found',
    );
    expect({ ...foreign, requestId: '' }).toEqual({ ...nobody, requestId: '' });
  });
});
