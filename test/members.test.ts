import { MemberSchema } from '../lib/contract/messages.ts';
import { pageOf } from '../lib/contract/route.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { eventOf, eventsOf } from './support/events.ts';
import { merged } from './support/merging.ts';
import { newPhone, newTelegramUser, unique } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, readAll, type Tenant } from './support/tenant.ts';

const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';

const membersOf = async (tenant: Tenant, chatId: string) =>
  read(await tenant.admin.get(`/crm/chats/${chatId}/members`), 200, pageOf(MemberSchema)).items;

const withClient = async (fields: Readonly<Record<string, unknown>> = {}) => {
  const tenant = await openTenant();
  const client = await tenant.addClient(fields);
  return { tenant, client, path: `/crm/chats/${client.id}/members` };
};

describe('a client that writes by SMS and by WhatsApp', () => {
  it('is one member, with what each provider knows of it apart from who it is', async () => {
    const tenant = await openTenant();
    const [sms, whatsapp] = [await tenant.connectTwilio('sms'), await tenant.connectTwilio('whatsapp')];
    const phone = newPhone();
    await tenant.receive(sms, { from: phone, text: 'By SMS' });
    await tenant.receive(whatsapp, { from: phone, name: 'Olim Karimov', text: 'By WhatsApp' });
    const { id, members } = await tenant.onlyChat();
    expect(members).toMatchObject([
      { id: `tel:${phone}`, chatId: id, type: 'sms', name: 'Olim Karimov', address: phone, channelId: whatsapp.id },
    ]);
    expect(members[0]?.transports).toMatchObject([
      { transport: 'whatsapp', channelId: whatsapp.id, address: phone, name: 'Olim Karimov' },
      { transport: 'sms', channelId: sms.id, address: phone },
    ]);
    await tenant.receive(sms, { from: phone, text: 'By SMS again' });
    const [again] = await membersOf(tenant, id);
    expect(again).toMatchObject({ name: 'Olim Karimov', channelId: sms.id, createdAt: members[0]?.createdAt });
    expect(again?.transports.map(({ transport }) => transport)).toEqual(['sms', 'whatsapp']);

    const items = (await itemsOf(tenant.id)).filter(({ sk }) => String(sk).startsWith('#MEMBER#'));
    expect(items).toHaveLength(1);
    expect(items[0]).not.toHaveProperty('address');
  });
});

describe('a Telegram user', () => {
  it('is a member with its account, conversation and name there', async () => {
    const tenant = await openTenant();
    const bot = await tenant.connectTelegram();
    const user = newTelegramUser();
    await tenant.receive(bot, { from: user, name: 'Olim Karimov', text: 'Salom' });
    const { members } = await tenant.onlyChat();
    expect(members).toMatchObject([
      {
        id: `telegram:${user}`,
        type: 'telegram',
        transports: [{ transport: 'telegram', channelId: bot.id, providerChatId: String(user), name: 'Olim Karimov' }],
      },
    ]);
  });
});

describe('adding a member', () => {
  it('that is a user makes it one: 201, then 200 with the same', async () => {
    const { tenant, client, path } = await withClient();
    const made = await tenant.admin.post(path, { type: 'user', userId: 'boris', name: 'Boris' });
    const member = read(made, 201, MemberSchema);
    expect(member).toMatchObject({ id: 'user:boris', type: 'user', userId: 'boris', name: 'Boris', addedBy: 'ana' });
    expect(member).toMatchObject({ chatId: client.id, transports: [], address: null });
    expect(made.headers.get('location')).toBe(path);
    const again = await tenant.admin.post(path, { type: 'user', userId: 'boris', name: 'Another name' });
    expect(read(again, 200, MemberSchema)).toEqual(member);
    expect(await membersOf(tenant, client.id)).toEqual([member]);
    expect(await eventOf(tenant.id, 'MemberAdded')).toMatchObject({
      subject: { type: 'member', id: client.id },
      data: member,
      actor: { type: 'user', id: 'ana' },
    });
  });

  it('that is an address of the client makes it the one that later writes from there', async () => {
    const phone = newPhone();
    const { tenant, client, path } = await withClient({ lastName: 'Karimov', phone });
    const added = read(await tenant.admin.post(path, { type: 'client', contactId: null }), 201, MemberSchema);
    expect(added).toMatchObject({ id: `tel:${phone}`, type: 'client', name: 'Olim Karimov', address: phone });
    expect(added.transports).toMatchObject([{ transport: 'phone', channelId: null, lastSeenAt: null }]);
    const sms = await tenant.connectTwilio('sms');
    await tenant.receive(sms, { from: phone, text: 'Salom' });
    const [member, ...others] = await membersOf(tenant, client.id);
    expect(others).toEqual([]);
    expect(member).toMatchObject({
      type: 'client',
      name: 'Olim Karimov',
      channelId: sms.id,
      createdAt: added.createdAt,
    });
  });

  it('that is a contact takes one that the client has', async () => {
    const { tenant, client, path } = await withClient({ contacts: [{ type: 'telegram', value: '4200' }] });
    const contactId = client.contacts[0]?.id;
    const added = await tenant.admin.post(path, { type: 'client', contactId, name: 'Gulnora' });
    expect(read(added, 201, MemberSchema)).toMatchObject({ id: 'telegram:4200', contactId, name: 'Gulnora' });
    for (const absent of [null, ABSENT]) {
      problemOf(await tenant.admin.post(path, { type: 'client', contactId: absent }), 404, 'resource.not-found');
    }
  });

  it.each(['system', 'other'] as const)('that is a service of kind %s is known by its name', async (type) => {
    const { tenant, client, path } = await withClient();
    const added = read(await tenant.admin.post(path, { type, name: 'Billing' }), 201, MemberSchema);
    expect(added).toMatchObject({ id: `${type}:billing`, type, name: 'Billing', userId: null });
    expect((await tenant.admin.post(path, { type, name: 'BILLING' })).status).toBe(200);
    expect((await tenant.chat(client.id)).members).toEqual([added]);
  });

  it.each([
    [{ type: 'user' }, '/userId'],
    [{ type: 'user', userId: '' }, '/userId'],
    [{ type: 'user', userId: 'boris', phone: '1' }, '/phone'],
    [{ type: 'client' }, '/contactId'],
    [{ type: 'system', name: ' ' }, '/name'],
    [{ type: 'telegram', name: 'Olim' }, '/type'],
    [{ name: 'Olim' }, '/type'],
  ])('%j is refused, pointing at %s, and adds nobody', async (body, pointer) => {
    const { tenant, client, path } = await withClient();
    expect(pointersOf(problemOf(await tenant.admin.post(path, body), 400, 'request.invalid'))).toEqual([pointer]);
    expect(await membersOf(tenant, client.id)).toEqual([]);
  });

  it('at once adds it once, and with a key gives the first answer again', async () => {
    const { tenant, client, path } = await withClient();
    const body = { type: 'user', userId: 'boris' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => tenant.admin.post(path, body)));
    const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other);
    expect(statuses).toEqual([200, 200, 200, 200, 201]);
    const key = { 'idempotency-key': unique('key') };
    const service = { type: 'other', name: 'Warehouse' };
    expect((await tenant.admin.post(path, service, key)).status).toBe(201);
    expect((await tenant.admin.post(path, service, key)).status).toBe(201);
    expect(await membersOf(tenant, client.id)).toHaveLength(2);
    const added = (await eventsOf(tenant.id)).filter(({ type }) => type === 'MemberAdded');
    expect(added.length).toBeLessThanOrEqual(2);
  });

  it('takes a chat of one’s own tenant that is not deleted', async () => {
    const { client, path } = await withClient();
    const other = await openTenant();
    const body = { type: 'user', userId: 'boris' };
    problemOf(await other.admin.post(path, body), 404, 'resource.not-found');
    problemOf(await other.admin.delete(`${path}/user:boris`), 404, 'resource.not-found');
    const { tenant, client: mine, path: gone } = await withClient();
    await tenant.admin.delete(`/crm/clients/${mine.id}`);
    problemOf(await tenant.admin.post(gone, body), 404, 'resource.not-found');
    expect(client.id).not.toBe(mine.id);
  });
});

describe('removing a member', () => {
  it('takes it out with all that is known of how it is reached, until it writes again', async () => {
    const tenant = await openTenant();
    const sms = await tenant.connectTwilio('sms');
    const phone = newPhone();
    await tenant.receive(sms, { from: phone, text: 'Salom' });
    const { id } = await tenant.onlyChat();
    const path = `/crm/chats/${id}/members/${encodeURIComponent(`tel:${phone}`)}`;
    expect((await tenant.admin.delete(path)).status).toBe(204);
    expect((await tenant.chat(id)).members).toEqual([]);
    expect((await itemsOf(tenant.id)).filter(({ sk }) => String(sk).startsWith('#MEMBER'))).toEqual([]);
    problemOf(await tenant.admin.delete(path), 404, 'resource.not-found');
    expect(await eventOf(tenant.id, 'MemberRemoved', id)).toMatchObject({ data: { id: `tel:${phone}` } });
    await tenant.receive(sms, { from: phone, text: 'I am back' });
    expect((await tenant.chat(id)).members).toMatchObject([{ id: `tel:${phone}`, channelId: sms.id }]);
  });

  it('at once removes it once', async () => {
    const { tenant, client, path } = await withClient();
    await tenant.admin.post(path, { type: 'user', userId: 'boris' });
    const answers = await Promise.all(Array.from({ length: 4 }, () => tenant.admin.delete(`${path}/user:boris`)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(3);
    expect(await membersOf(tenant, client.id)).toEqual([]);
  });
});

describe('the list of members', () => {
  it('is read to its end by nextCursor, each with its transports', async () => {
    const { tenant, client, path } = await withClient({ phone: newPhone() });
    for (const userId of ['boris', 'clara', 'dilnoza']) await tenant.admin.post(path, { type: 'user', userId });
    await tenant.receive(await tenant.connectTwilio('sms'), { from: client.phone, text: 'Salom' });
    const { items, pages } = await readAll(tenant.admin, `${path}?limit=1`, MemberSchema);
    expect(Math.max(...pages)).toBe(1);
    expect(items).toEqual((await tenant.chat(client.id)).members);
    expect(items.map(({ transports }) => transports.length)).toEqual([1, 0, 0, 0]);
  });
});

describe('a member of a client that was merged into another', () => {
  it('takes part in the survivor’s chat, is not added again, and is removed from both', async () => {
    const tenant = await openTenant();
    const [survivor, absorbed] = [await tenant.addClient(), await tenant.addClient()];
    const boris = { type: 'user', userId: 'boris' };
    const service = { type: 'other', name: 'Warehouse' };
    for (const { id } of [absorbed, survivor]) await tenant.admin.post(`/crm/chats/${id}/members`, boris);
    await tenant.admin.post(`/crm/chats/${absorbed.id}/members`, service);
    await merged(tenant, survivor, absorbed);
    const path = `/crm/chats/${survivor.id}/members`;
    const members = await membersOf(tenant, survivor.id);
    expect(members).toMatchObject([{ id: 'other:warehouse' }, { id: 'user:boris' }]);
    expect(new Set(members.map(({ chatId }) => chatId))).toEqual(new Set([survivor.id]));
    expect(read(await tenant.admin.post(path, service), 200, MemberSchema)).toEqual(members[0]);
    expect((await tenant.admin.delete(`${path}/user:boris`)).status).toBe(204);
    expect(await membersOf(tenant, survivor.id)).toEqual(members.slice(0, 1));
    const moved = `/crm/chats/${absorbed.id}/members`;
    problemOf(await tenant.admin.post(moved, boris), 308, 'client.absorbed');
  });
});
