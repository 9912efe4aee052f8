import { ChatSchema } from '../lib/contract/chats.ts';
import type { Client } from '../lib/contract/clients.ts';
import { MemberSchema, MessageSchema, type Message } from '../lib/contract/messages.ts';
import type { Channel } from '../lib/contract/channels.ts';
import { first, problemOf, read } from './support/answers.ts';
import { eventually, simulator } from './support/client.ts';
import { expectMoved, merged, pathOf, undone } from './support/merging.ts';
import { newPhone, newTelegramUser } from './support/random.ts';
import { MessagesSchema, openTenant, readAll, type Tenant } from './support/tenant.ts';

interface Pair {
  readonly tenant: Tenant;
  readonly channel: Channel;
  readonly survivor: Pick<Client, 'id'>;
  readonly absorbed: Pick<Client, 'id'>;
  /** The survivor writes, and the absorbed one. */
  readonly ours: (text: string) => Promise<void>;
  readonly theirs: (text: string) => Promise<void>;
}

/** Two clients with a phone each, who can write and be written to. */
const openPair = async (): Promise<Pair> => {
  const tenant = await openTenant();
  const channel = await tenant.connectTwilio('sms');
  const [one, two] = [newPhone(), newPhone()];
  const [survivor, absorbed] = [await tenant.addClient({ phone: one }), await tenant.addClient({ phone: two })];
  const write = (from: string) => (text: string) => tenant.receive(channel, { from, text });
  return { tenant, channel, survivor, absorbed, ours: write(one), theirs: write(two) };
};

const textsOf = (messages: readonly Pick<Message, 'text'>[]): string[] => messages.map(({ text }) => text);

/** The thread by page, the latest fifty, the count and the list of unread chats, which have to agree. */
const threadOf = async ({ tenant, survivor }: Pick<Pair, 'tenant' | 'survivor'>, limit = 2) => {
  const { items } = await readAll(tenant.admin, `/crm/chats/${survivor.id}/messages?limit=${limit}`, MessageSchema);
  const chat = await tenant.chat(survivor.id);
  expect(chat.messages).toEqual(items);
  const unread = items.filter(({ direction, readAt }) => direction === 'inbound' && readAt === null);
  expect(chat.unreadCount).toBe(unread.length);
  expect(items.every(({ chatId, clientId }) => chatId === survivor.id && clientId === survivor.id)).toBe(true);
  expect(chat.lastMessage?.id).toBe(items[0]?.id);
  const listed = (await tenant.chats('?unread=true')).filter(({ id }) => id === survivor.id);
  expect(listed.map(({ unreadCount }) => unreadCount)).toEqual(unread.length === 0 ? [] : [unread.length]);
  return { chat, items, texts: textsOf(items), unread: chat.unreadCount };
};

describe('the thread of a merged client', () => {
  it('holds what was said to both, in the order of time, by page', async () => {
    const pair = await openPair();
    const { tenant, survivor, absorbed, ours, theirs } = pair;
    for (const text of ['1', '3']) {
      await ours(text);
      await theirs(String(Number(text) + 1));
    }
    await merged(tenant, survivor, absorbed);
    await theirs('5');
    await ours('6');
    for (const limit of [1, 2, 3, 4, 100]) {
      expect(await threadOf(pair, limit)).toMatchObject({ texts: ['6', '5', '4', '3', '2', '1'], unread: 6 });
    }
    expect(await tenant.chats()).toMatchObject([{ id: survivor.id, unreadCount: 6, lastMessage: { text: '6' } }]);
  });

  it('goes on by page where a merge comes between two pages', async () => {
    const { tenant, survivor, absorbed, ours, theirs } = await openPair();
    for (const index of [1, 2, 3]) {
      await ours(`ours ${index}`);
      await theirs(`theirs ${index}`);
    }
    const path = `/crm/chats/${survivor.id}/messages?limit=2`;
    const { items, nextCursor } = read(await tenant.admin.get(path), 200, MessagesSchema);
    expect(textsOf(items)).toEqual(['ours 3', 'ours 2']);
    await merged(tenant, survivor, absorbed);
    const cursor = encodeURIComponent(nextCursor ?? '');
    const next = read(await tenant.admin.get(`${path}&cursor=${cursor}`), 200, MessagesSchema);
    expect(textsOf(next.items)).toEqual(['theirs 1', 'ours 1']);
  });

  it('has both chats’ members, each once', async () => {
    const { tenant, survivor, absorbed, ours, theirs } = await openPair();
    await ours('Salom');
    await theirs('Salom');
    await tenant.send(survivor.id, { text: 'Hi' });
    await tenant.send(absorbed.id, { text: 'Hi' });
    await merged(tenant, survivor, absorbed);
    const { members } = await tenant.chat(survivor.id);
    expect(members.map(({ type }) => type).toSorted()).toEqual(['sms', 'sms', 'user']);
    const listed = await readAll(tenant.admin, `/crm/chats/${survivor.id}/members?limit=1`, MemberSchema);
    expect(listed.items.map(({ id }) => id)).toEqual(members.map(({ id }) => id).toSorted());
  });

  it('counts as read what is read, one by one, up to one, and all, wherever it stands', async () => {
    const pair = await openPair();
    const { tenant, survivor, absorbed, ours, theirs } = pair;
    for (const index of [1, 2, 3]) {
      await ours(`ours ${index}`);
      await theirs(`theirs ${index}`);
    }
    const { merge } = await merged(tenant, survivor, absorbed);
    const path = `/crm/chats/${survivor.id}`;
    const idOf = async (text: string) => (await threadOf(pair)).items.find((each) => each.text === text)?.id ?? '';
    const one = await idOf('theirs 2');
    const marked = read(await tenant.admin.put(`${path}/messages/${one}/read`), 200, MessageSchema);
    expect(marked).toMatchObject({ chatId: survivor.id, text: 'theirs 2' });
    expect(read(await tenant.admin.get(`${path}/messages/${one}`), 200, MessageSchema)).toEqual(marked);
    expect((await threadOf(pair)).unread).toBe(5);
    const upToMessageId = await idOf('ours 2');
    read(await tenant.admin.put(`${path}/read`, { upToMessageId }), 200, ChatSchema);
    expect((await threadOf(pair)).unread).toBe(2);
    await undone(tenant, survivor, merge.id);
    expect(await threadOf(pair)).toMatchObject({ texts: ['ours 3', 'ours 2', 'ours 1'], unread: 1 });
    expect((await threadOf({ tenant, survivor: absorbed })).unread).toBe(1);
    const again = (await merged(tenant, survivor, absorbed)).merge;
    expect(read(await tenant.admin.put(`${path}/read`), 200, ChatSchema).unreadCount).toBe(0);
    expect((await threadOf(pair)).unread).toBe(0);
    await undone(tenant, survivor, again.id);
    expect((await threadOf({ tenant, survivor: absorbed })).unread).toBe(0);
  });

  it('gets the reports of messages that were out, and sends again what failed', async () => {
    const pair = await openPair();
    const { tenant, channel, survivor, absorbed, ours, theirs } = pair;
    await ours('Salom');
    await theirs('Salom');
    const to = (await tenant.chat(absorbed.id)).members[0]?.address ?? '';
    await simulator().setFaults({ provider: 'twilio', to, rejectRate: 1 });
    const failing = await tenant.send(absorbed.id, { text: 'refused' });
    await tenant.becomes(failing, 'failed');
    await simulator().setFaults({ provider: 'twilio', to, rejectRate: 0 });
    const out = await tenant.send(absorbed.id, { text: 'out' });
    await merged(tenant, survivor, absorbed);
    await tenant.becomes({ chatId: survivor.id, id: out.id }, 'delivered');
    const path = `/crm/chats/${survivor.id}/messages/${failing.id}/resend`;
    const again = read(await tenant.admin.post(path), 202, MessageSchema);
    expect(again).toMatchObject({ chatId: survivor.id, resendOf: failing.id, channelId: channel.id });
    await tenant.becomes(again, 'delivered');
    const { members } = await tenant.chat(survivor.id);
    expect(members.length).toBeGreaterThan(0);
    problemOf(await tenant.admin.post(path), 409, 'message.not-resendable');
    const outbox = await simulator().outbox({ to });
    expect(JSON.stringify(outbox.body)).toContain('refused');
    expectMoved(
      await tenant.admin.get(`/crm/chats/${absorbed.id}/messages/${out.id}`),
      `/crm/chats/${survivor.id}/messages/${out.id}`,
      survivor,
    );
    expect((await threadOf(pair)).texts).toEqual(['refused', 'out', 'refused', 'Salom', 'Salom']);
  });

  it('keeps what an edit is of', async () => {
    const tenant = await openTenant();
    const [bot, from] = [await tenant.connectTelegram(), newTelegramUser()];
    await tenant.receive(bot, { from, text: 'Salim' });
    const absorbed = first(await tenant.chats());
    const message = first((await tenant.chat(absorbed.id)).messages);
    const survivor = await tenant.addClient({ phone: newPhone() });
    await merged(tenant, survivor, absorbed);
    await tenant.receive(bot, { from, text: 'Salom', edit: 1 });
    const { messages, members } = await tenant.chat(survivor.id);
    expect(messages).toMatchObject([{ text: 'Salom', editOf: message.id }, { id: message.id }]);
    expect(members).toHaveLength(1);
  });

  it('stays with the survivor from the merge on when the merge is undone', async () => {
    const pair = await openPair();
    const { tenant, survivor, absorbed, ours, theirs } = pair;
    await ours('before');
    await theirs('theirs before');
    const { merge } = await merged(tenant, survivor, absorbed);
    await theirs('since');
    await undone(tenant, survivor, merge.id);
    await theirs('after');
    expect(await threadOf(pair)).toMatchObject({ texts: ['since', 'before'], unread: 2 });
    expect(await threadOf({ tenant, survivor: absorbed })).toMatchObject({ texts: ['after', 'theirs before'] });
  });

  it('is answered where the client last wrote from', async () => {
    const { tenant, survivor, absorbed, ours, theirs } = await openPair();
    await ours('Salom');
    const { contacts } = await merged(tenant, survivor, absorbed);
    await theirs('It is me');
    const sent = await tenant.send(survivor.id, { text: 'Hi' });
    await tenant.becomes(sent, 'delivered');
    await eventually(async () => {
      const { body } = await simulator().outbox({ to: contacts[0]?.value ?? '' });
      expect(body).toMatchObject({ items: [{ text: 'Hi' }] });
    });
    expect((await tenant.admin.get(pathOf(survivor))).status).toBe(200);
  });
});
