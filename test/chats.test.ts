import { ChatSchema } from '../lib/contract/chats.ts';
import { ClientSchema } from '../lib/contract/clients.ts';
import { MemberSchema, MessageSchema } from '../lib/contract/messages.ts';
import { pageOf } from '../lib/contract/route.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { newPhone, newTelegramUser } from './support/random.ts';
import { MessagesSchema, openTenant, readAll } from './support/tenant.ts';

const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';

describe('the list of chats', () => {
  it('is by latest message, whoever wrote it, and read to its end by nextCursor', async () => {
    const tenant = await openTenant();
    const sms = await tenant.connectTwilio('sms');
    const phones = Array.from({ length: 5 }, newPhone);
    for (const from of phones) await tenant.receive(sms, { from, text: `Salom from ${from}` });
    const texts = async () => (await tenant.chats()).map(({ lastMessage }) => lastMessage?.text);
    expect(await texts()).toEqual(phones.toReversed().map((phone) => `Salom from ${phone}`));

    const oldest = (await tenant.chats()).at(-1)?.id ?? '';
    const sent = await tenant.send(oldest, { text: 'Hello again' });
    expect((await texts())[0]).toBe('Hello again');
    const [top] = await tenant.chats();
    expect(top).toMatchObject({ id: oldest, lastMessageAt: sent.createdAt, lastMessage: { direction: 'outbound' } });

    const { items, pages } = await readAll(tenant.admin, '/crm/chats?limit=2', ChatSchema);
    expect(items).toEqual(await tenant.chats());
    expect(Math.max(...pages)).toBe(2);
  });

  it('holds a client once it has a chat, not before', async () => {
    const tenant = await openTenant();
    const client = await tenant.addClient({ firstName: 'Olim', lastName: 'Karimov' });
    expect(await tenant.chats()).toEqual([]);
    await tenant.admin.post('/crm/chats', { clientId: client.id });
    const empty = { unreadCount: 0, lastMessage: null, lastMessageAt: null };
    const name = { firstName: 'Olim', lastName: 'Karimov' };
    expect(await tenant.chats()).toMatchObject([{ id: client.id, clientId: client.id, client: name, ...empty }]);
  });

  it('shows only what is unread, if asked', async () => {
    const tenant = await openTenant();
    const sms = await tenant.connectTwilio('sms');
    const [read, unread] = [newPhone(), newPhone()];
    await tenant.receive(sms, { from: unread, text: 'One' });
    await tenant.receive(sms, { from: read, text: 'Two' });
    const [chat, other] = await tenant.chats();
    await tenant.admin.put(`/crm/chats/${chat?.id ?? ''}/read`);
    expect((await tenant.chats('?unread=true')).map(({ id }) => id)).toEqual([other?.id]);
    expect(await tenant.chats('?unread=false')).toHaveLength(2);
    await tenant.receive(sms, { from: read, text: 'Three' });
    expect((await tenant.chats('?unread=true')).map(({ id }) => id)).toEqual([chat?.id, other?.id]);
  });

  it('shows only the chats whose latest message came on one transport, or channel, if asked', async () => {
    const tenant = await openTenant();
    const [sms, bot] = [await tenant.connectTwilio('sms'), await tenant.connectTelegram()];
    await tenant.receive(sms, { from: newPhone(), text: 'By SMS' });
    await tenant.receive(bot, { from: newTelegramUser(), text: 'By Telegram' });
    for (const [{ id, transport }, text] of [
      [sms, 'By SMS'],
      [bot, 'By Telegram'],
    ] as const) {
      for (const query of [`?transport=${transport}`, `?transport=${transport}&unread=true`, `?channelId=${id}`]) {
        expect((await tenant.chats(query)).map(({ lastMessage }) => lastMessage?.text)).toEqual([text]);
      }
    }
    expect(await tenant.chats('?transport=whatsapp')).toEqual([]);
    const { items } = await readAll(tenant.admin, '/crm/chats?transport=sms&limit=1', ChatSchema);
    expect(items).toHaveLength(1);
  });

  it.each([
    ['unread=maybe', '/unread'],
    ['status=closed', '/status'],
    ['transport=pigeon', '/transport'],
    ['assigneeId=', '/assigneeId'],
    ['channelId=sms', '/channelId'],
  ])('refuses the filter %s', async (query, pointer) => {
    const { admin } = await openTenant();
    expect(pointersOf(problemOf(await admin.get(`/crm/chats?${query}`), 400, 'request.invalid'))).toEqual([pointer]);
  });

  it('is filtered by status and assignee', async () => {
    const tenant = await openTenant();
    await tenant.receive(await tenant.connectTelegram(), { from: newTelegramUser(), text: 'Hello' });
    expect(await tenant.chats('?status=open')).toHaveLength(1);
    expect(await tenant.chats('?status=resolved')).toEqual([]);
    expect(await tenant.chats('?assigneeId=boris')).toEqual([]);
    expect(await tenant.chats('?unread=true&status=open')).toHaveLength(1);
  });
});

describe('opening a chat', () => {
  it('makes it once: 201, then 200 with the same chat', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const made = await tenant.admin.post('/crm/chats', { clientId: id });
    const chat = read(made, 201, ChatSchema);
    expect(chat).toMatchObject({ id, clientId: id, status: 'open', assigneeId: null, unreadCount: 0, version: 1 });
    expect(made.headers.get('location')).toBe(`/crm/chats/${id}`);
    expect(read(await tenant.admin.post('/crm/chats', { clientId: id }), 200, ChatSchema)).toEqual(chat);
  });

  it('at once makes it once', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => tenant.admin.post('/crm/chats', { clientId: id })),
    );
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      200, 200, 200, 200, 201,
    ]);
  });

  it('is not needed where the client has written', async () => {
    const tenant = await openTenant();
    await tenant.receive(await tenant.connectTelegram(), { from: newTelegramUser(), text: 'Hello' });
    const { id } = await tenant.onlyChat();
    expect(read(await tenant.admin.post('/crm/chats', { clientId: id }), 200, ChatSchema).unreadCount).toBe(1);
  });

  it('takes a client that there is', async () => {
    const { admin } = await openTenant();
    problemOf(await admin.post('/crm/chats', { clientId: ABSENT }), 404, 'resource.not-found');
    const problem = problemOf(await admin.post('/crm/chats', { clientId: 'x' }), 400, 'request.invalid');
    expect(pointersOf(problem)).toEqual(['/clientId']);
  });
});

describe('a chat', () => {
  it('has its members and its latest 50 messages, newest first; the others come by page', async () => {
    const tenant = await openTenant();
    const bot = await tenant.connectTelegram();
    const from = newTelegramUser();
    for (let batch = 0; batch < 5; batch += 1) {
      const texts = Array.from({ length: 11 }, (_, index) => `Message ${batch * 11 + index}`);
      await Promise.all(texts.map((text) => tenant.receive(bot, { from, name: 'Olim Karimov', text })));
    }
    const { id } = await tenant.onlyChat();
    await tenant.send(id, { text: 'Slow down' });
    const chat = await tenant.chat(id);
    expect(chat.unreadCount).toBe(55);
    expect(chat.messages).toHaveLength(50);
    expect(chat.messages[0]).toMatchObject({ text: 'Slow down', sender: { type: 'user', id: 'ana' } });
    expect(chat.members.map(({ type }) => type).toSorted()).toEqual(['telegram', 'user']);
    const path = `/crm/chats/${id}`;
    const { items: members } = await readAll(tenant.admin, `${path}/members?limit=1`, MemberSchema);
    expect(members).toEqual(chat.members);

    const { items, pages } = await readAll(tenant.admin, `${path}/messages?limit=20`, MessageSchema);
    expect(items).toHaveLength(56);
    expect(Math.max(...pages)).toBe(20);
    expect(items.slice(0, 50).map((item) => item.id)).toEqual(chat.messages.map((message) => message.id));
    expect(items.map((item) => item.id)).toEqual(
      items
        .map((item) => item.id)
        .toSorted()
        .toReversed(),
    );
    expect(new Set(items.map(({ text }) => text)).size).toBe(56);
  });

  it('does not take the cursor of another chat', async () => {
    const tenant = await openTenant();
    const bot = await tenant.connectTelegram();
    const [one, other] = [newTelegramUser(), newTelegramUser()];
    for (const from of [one, other, one, other]) await tenant.receive(bot, { from, text: 'Hello' });
    const [first, second] = await tenant.chats();
    const page = await tenant.admin.get(`/crm/chats/${first?.id ?? ''}/messages?limit=1`);
    const { nextCursor } = read(page, 200, MessagesSchema);
    const path = `/crm/chats/${second?.id ?? ''}/messages?cursor=${encodeURIComponent(nextCursor ?? '')}`;
    problemOf(await tenant.admin.get(path), 400, 'cursor.invalid');
  });

  it('shows the name that its client has now', async () => {
    const tenant = await openTenant();
    await tenant.receive(await tenant.connectTelegram(), { from: newTelegramUser(), name: 'O', text: 'Hello' });
    const { id } = await tenant.onlyChat();
    read(await tenant.admin.put(`/crm/clients/${id}`, { firstName: 'Olim', lastName: 'Karimov' }), 200, ClientSchema);
    expect(await tenant.chats()).toMatchObject([{ client: { firstName: 'Olim', lastName: 'Karimov' } }]);
  });

  it('does not become stale by messages that arrive', async () => {
    const tenant = await openTenant();
    const [bot, from] = [await tenant.connectTelegram(), newTelegramUser()];
    await tenant.receive(bot, { from, text: 'One' });
    const before = await tenant.onlyChat();
    await tenant.receive(bot, { from, text: 'Two' });
    expect((await tenant.onlyChat()).version).toBe(before.version);
  });

  it('and its messages are not found under an id that does not exist', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    for (const path of [ABSENT, 'x', `${ABSENT}/messages`, `${ABSENT}/members`, `${id}/messages/${ABSENT}`]) {
      problemOf(await tenant.admin.get(`/crm/chats/${path}`), 404, 'resource.not-found');
    }
    expect((await tenant.admin.get(`/crm/chats/${id}/members`)).body).toEqual({ items: [], nextCursor: null });
    expect(read(await tenant.admin.get(`/crm/chats/${id}/members`), 200, pageOf(MemberSchema)).items).toEqual([]);
  });
});
