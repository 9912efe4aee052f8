import { listChanges } from '../lib/contract/realtime.ts';
import { UserIdSchema } from '../lib/contract/vocabulary.ts';
import { insertConnection, insertTicket } from '../lib/table/connections.ts';
import { problemOf, read } from './support/answers.ts';
import { api, eventually, token } from './support/client.ts';
import { newPhone, unique } from './support/random.ts';
import { closeSockets, connect, knockAt, ticketOf } from './support/sockets.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

afterAll(closeSockets);

const connectionsOf = async (tenant: Tenant) =>
  (await itemsOf(tenant.id)).filter(({ pk }) => pk === `T#${tenant.id}#CONNECTION`);

const catchUp = async (tenant: Tenant, since: string) =>
  read(await tenant.admin.get(`/crm/changes?since=${since}`), 200, listChanges.result);

describe('a ticket', () => {
  it('lets one connection in, and is kept by its hash alone', async () => {
    const tenant = await openTenant();
    const url = await ticketOf(tenant.admin);
    const secret = new URL(url).searchParams.get('ticket')?.split('.')[1] ?? '';
    expect(secret).toHaveLength(43);
    expect(JSON.stringify(await itemsOf(tenant.id))).not.toContain(secret);
    const knocks = await Promise.all([knockAt(url), knockAt(url), knockAt(url)]);
    expect(knocks.toSorted()).toEqual([101, 401, 401]);
    expect(await knockAt(url)).toBe(401);
  });

  it('is needed, known, of this tenant, and of a token that is still good', async () => {
    const [tenant, other] = [await openTenant(), await openTenant()];
    const url = await ticketOf(tenant.admin);
    const without = new URL(url);
    without.search = '';
    expect(await knockAt(without.href)).toBe(401);
    for (const wrong of [url.replace(tenant.id, other.id), url.slice(0, -1), `${url}.x`, url.replace(/.$/, '_')]) {
      if (wrong !== url) expect([wrong, await knockAt(wrong)]).toEqual([wrong, 401]);
    }
    expect(await knockAt(url)).toBe(101);
    const brief = api(await token({ tenant: tenant.id, expires_in: '2' }));
    const late = await ticketOf(brief);
    await eventually(async () => problemOf(await brief.get('/crm/changes'), 401, 'token.invalid'));
    expect(await knockAt(late)).toBe(401);
  });

  it('is given for a token alone, and not to somebody who was deactivated', async () => {
    const tenant = await openTenant();
    problemOf(await api().post('/crm/realtime/tickets'), 401, 'token.invalid');
    const agent = await tenant.as('agent', 'bek');
    const url = await ticketOf(agent);
    expect((await tenant.admin.put('/crm/users/bek', { active: false })).status).toBe(200);
    expect(await knockAt(url)).toBe(403);
  });
});

describe('whoever is connected', () => {
  it('hears of a message that comes in, of its chat, and of what becomes of both; another tenant hears nothing', async () => {
    const [tenant, other] = [await openTenant(), await openTenant()];
    const [ana, bek, stranger] = await Promise.all([
      connect(tenant.admin),
      connect(await tenant.as('agent', 'bek')),
      connect(other.admin),
    ]);
    const channel = await tenant.connectTwilio('sms');
    await tenant.receive(channel, { from: newPhone(), text: 'Salom' });
    for (const user of [ana, bek]) {
      const { id, data, version } = await user.hears('message.created');
      expect(data).toMatchObject({ id, text: 'Salom', direction: 'inbound', status: 'received' });
      expect(version).toBe(1);
      const chat = await user.hears('chat.changed');
      expect(chat.data).toMatchObject({ id: data.chatId, unreadCount: 1, lastMessage: { id, text: 'Salom' } });
    }
    const chat = await tenant.onlyChat();
    await tenant.admin.put(`/crm/chats/${chat.id}/read`);
    const readNow = await bek.hears('message.changed', ({ data }) => data.readAt !== null);
    expect(readNow.version).toBeGreaterThan(1);
    const [before] = bek.of('chat.changed', chat.id);
    const after = await bek.hears('chat.changed', ({ data }) => data?.unreadCount === 0);
    expect(after.version).toBeGreaterThan(before?.version ?? Infinity);
    const sent = await tenant.send(chat.id, { text: 'Assalomu alaykum' });
    await bek.hears('message.created', ({ id }) => id === sent.id);
    await bek.hears('message.changed', ({ id, data }) => id === sent.id && data.status === 'delivered');
    await stranger.settle();
    expect(stranger.heard.filter(({ type }) => type !== 'pong')).toEqual([]);
  });

  it('hears that a chat is there no more, and is again', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    await tenant.receive(channel, { from: newPhone(), text: 'Salom' });
    const { id } = await tenant.onlyChat();
    const ana = await connect(tenant.admin);
    await tenant.admin.delete(`/crm/clients/${id}`);
    await ana.hears('chat.changed', (heard) => heard.id === id && heard.data === null);
    await tenant.admin.post(`/crm/clients/${id}/restore`);
    await ana.hears('chat.changed', (heard) => heard.id === id && heard.data !== null);
  });

  it('hears of a chat that was merged into another one, and of its messages there', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    const texts = ['Salom', 'Assalomu alaykum'];
    for (const text of texts) await tenant.receive(channel, { from: newPhone(), text });
    const [survivor, absorbed] = await tenant.chats();
    if (survivor === undefined || absorbed === undefined) throw new Error('There have to be two chats.');
    const ana = await connect(tenant.admin);
    const body = { clientId: absorbed.id };
    expect((await tenant.admin.post(`/crm/clients/${survivor.id}/merge`, body)).status).toBe(200);
    await ana.hears('chat.changed', ({ id, data }) => id === absorbed.id && data === null);
    await ana.hears('chat.changed', ({ id, data }) => id === survivor.id && data?.unreadCount === 2);
    await tenant.admin.put(`/crm/chats/${survivor.id}/read`);
    const read = await ana.hears('message.changed', ({ data }) => data.text === absorbed.lastMessage?.text);
    expect(read.data.chatId).toBe(survivor.id);
  });

  it('hears who is typing or looking, but not of itself, and of nothing of another tenant', async () => {
    const [tenant, other] = [await openTenant(), await openTenant()];
    const { id } = await tenant.addClient();
    const [ana, bek, stranger] = await Promise.all([
      connect(tenant.admin),
      connect(await tenant.as('agent', 'bek')),
      connect(other.admin),
    ]);
    bek.send({ type: 'typing', chatId: id });
    const heard = await ana.hears('presence');
    expect(heard).toMatchObject({ id, data: { chatId: id, userId: 'bek', state: 'typing' } });
    expect(Date.parse(heard.data.until) - Date.parse(heard.at)).toBe(10_000);
    stranger.send({ type: 'looking', chatId: id });
    expect(await stranger.hears('error')).toMatchObject({ code: 'resource.not-found' });
    await bek.settle();
    expect([ana.of('presence').length, bek.of('presence').length, stranger.of('presence').length]).toEqual([1, 0, 0]);
  });

  it('is told what is wrong with a frame, and stays connected', async () => {
    const tenant = await openTenant();
    const ana = await connect(tenant.admin);
    ana.send('{');
    await ana.hears('error', ({ code }) => code === 'request.malformed');
    for (const frame of [{ type: 'dance' }, { type: 'typing' }, { type: 'ping', chatId: 'x' }, [], 'null']) {
      ana.send(frame);
    }
    await eventually(() => expect(ana.of('error').filter(({ code }) => code === 'request.invalid')).toHaveLength(5));
    // What would name another route elsewhere is a frame like any other.
    ana.send({ action: '$disconnect', route: '$connect', type: 'ping' });
    await ana.settle();
    for (let frame = 0; frame < 40; frame += 1) ana.send({ type: 'ping' });
    await ana.hears('error', ({ code }) => code === 'rate.limited');
    expect(ana.isClosed).toBe(false);
  });
});

describe('a connection', () => {
  it('is closed when its user is deactivated', async () => {
    const tenant = await openTenant();
    const [ana, bek] = [await connect(tenant.admin), await connect(await tenant.as('agent', 'bek'))];
    expect((await tenant.admin.put('/crm/users/bek', { active: false })).status).toBe(200);
    await eventually(() => expect(bek.isClosed).toBe(true));
    await eventually(async () => expect(await connectionsOf(tenant)).toMatchObject([{ userId: 'ana' }]));
    expect(ana.isClosed).toBe(false);
  });

  it('is closed when its token expires, and forgotten when it closes', async () => {
    const tenant = await openTenant();
    const brief = await connect(api(await token({ tenant: tenant.id, user: 'bek', expires_in: '3' })));
    const ana = await connect(tenant.admin);
    expect(await connectionsOf(tenant)).toHaveLength(2);
    await eventually(() => expect(brief.isClosed).toBe(true));
    ana.close();
    await eventually(async () => expect(await connectionsOf(tenant)).toEqual([]));
  });

  it('that is dead is forgotten once it cannot be told something; one that is still opening is not', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    const ana = await connect(tenant.admin);
    const plant = async (connectionId: string, connectedAt: Date): Promise<void> => {
      const until = new Date(Date.now() + 60_000).toISOString();
      const who = { userId: UserIdSchema.parse('bek'), role: 'agent' as const };
      await insertTicket(tenant.id, connectionId, { ...who, tokenExpiresAt: until, validUntil: until });
      const connection = { ...who, connectionId, connectedAt: connectedAt.toISOString(), until };
      await insertConnection(tenant.id, connectionId, connection);
    };
    const [dead, opening] = [unique('dead'), unique('opening')];
    await plant(dead, new Date(Date.now() - 60_000));
    await plant(opening, new Date(Date.now() + 60_000));
    await tenant.receive(channel, { from: newPhone(), text: 'Salom' });
    await ana.hears('message.created');
    await eventually(async () => {
      const left = (await connectionsOf(tenant)).map(({ connectionId }) => connectionId);
      expect(left).toHaveLength(2);
      expect(left).not.toContain(dead);
      expect(left).toContain(opening);
    });
  });
});

describe('after a break', () => {
  it('nothing is missed while messages keep coming, and repeats are told by their version', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    const first = await connect(tenant.admin);
    const texts = Array.from({ length: 8 }, (_, index) => `Salom ${index}`);
    const coming = (async () => {
      for (const text of texts) await tenant.receive(channel, { from: newPhone(), text });
    })();
    const { at } = await first.hears('message.created');
    first.close();
    const second = await connect(tenant.admin);
    const caughtUp = await catchUp(tenant, at);
    await coming;
    await second.hears('message.created', ({ data }) => data.text === texts.at(-1));
    const versions = new Map<string, Set<number>>();
    const known = new Set<string>();
    for (const heard of [...first.heard, ...caughtUp.items, ...second.heard]) {
      if (heard.type !== 'message.created' && heard.type !== 'message.changed') continue;
      known.add(heard.data.text);
      versions.set(heard.id, (versions.get(heard.id) ?? new Set()).add(heard.version));
    }
    expect([...known].toSorted()).toEqual([...texts].toSorted());
    expect([...versions.values()].filter(({ size }) => size > 1)).toEqual([]);
    // The next catch-up begins where this one ended, and somewhat before.
    await eventually(async () => {
      const { items, nextCursor } = await catchUp(tenant, caughtUp.next);
      expect(nextCursor).toBeNull();
      const again = items.flatMap((item) => (item.type === 'message.created' ? item.data.text : []));
      expect(again).toEqual(expect.arrayContaining(texts));
    });
  });

  it('who was away for too long, or asks for another tenant’s page, is told so', async () => {
    const [tenant, other] = [await openTenant(), await openTenant()];
    const ago = new Date(Date.now() - 25 * 3_600_000).toISOString();
    problemOf(await tenant.admin.get(`/crm/changes?since=${ago}`), 410, 'changes.gone');
    problemOf(await tenant.admin.get('/crm/changes'), 400, 'request.invalid');
    problemOf(await tenant.admin.get('/crm/changes?since=yesterday'), 400, 'request.invalid');
    const now = new Date().toISOString();
    problemOf(await tenant.admin.get(`/crm/changes?since=${now}&cursor=x`), 400, 'cursor.invalid');
    expect((await catchUp(other, now)).items).toEqual([]);
  });
});
