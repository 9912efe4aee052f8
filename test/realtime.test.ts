import { secondsAfter } from '../lib/domain/act.ts';
import { problemOf } from './support/answers.ts';
import { api, eventually, token } from './support/client.ts';
import { newPhone } from './support/random.ts';
import { closeSockets, connect, knockAt, ticketOf } from './support/sockets.ts';
import { itemsOf } from './support/table.ts';
import { openTenant } from './support/tenant.ts';

afterAll(closeSockets);

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
    const brief = api(await token({ tenant: tenant.id, expires_in: '4' }));
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
    const note = { text: 'For nobody else', private: true };
    expect((await tenant.admin.post(`/crm/clients/${chat.id}/notes`, note)).status).toBe(201);
    const sent = await tenant.send(chat.id, { text: 'Assalomu alaykum' });
    await bek.hears('message.created', ({ id }) => id === sent.id);
    await bek.hears('message.changed', ({ id, data }) => id === sent.id && data.status === 'delivered');
    expect(JSON.stringify([...ana.heard, ...bek.heard])).not.toContain(note.text);
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

  it('hears of a message that waits for its time, is changed, cancelled, or sent as another one', async () => {
    const tenant = await openTenant();
    await tenant.connectTwilio('sms');
    const { id } = await tenant.addClient({ phone: newPhone(), preferredTransport: 'sms' });
    const ana = await connect(tenant.admin);
    const [sendAt, soon] = [secondsAfter(new Date(), 86_400), secondsAfter(new Date(), 4)];
    const brief = await tenant.send(id, { text: 'Soon', sendAt: soon });
    const scheduled = await tenant.send(id, { text: 'One', sendAt });
    const created = await ana.hears('message.created', (heard) => heard.id === scheduled.id);
    expect(created).toMatchObject({ version: 1, data: { text: 'One', status: 'scheduled', sendAt } });
    const own = `/crm/chats/${id}/messages/${scheduled.id}`;
    expect((await tenant.admin.put(own, { text: 'Two', sendAt })).status).toBe(200);
    const changed = await ana.hears('message.changed', ({ data }) => data.text === 'Two');
    expect((await tenant.admin.delete(own)).status).toBe(204);
    const cancelled = await ana.hears('message.changed', ({ data }) => data.status === 'cancelled');
    expect([changed, cancelled]).toMatchObject([scheduled, scheduled].map((message) => ({ id: message.id })));
    expect(cancelled.version).toBeGreaterThan(changed.version);
    await ana.hears('message.created', ({ data }) => data.scheduledId === brief.id);
    await ana.hears('chat.changed', ({ data }) => data?.lastMessage?.text === 'Soon');
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
