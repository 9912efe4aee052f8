import { ClientSchema } from '../lib/contract/clients.ts';
import { MessageSchema } from '../lib/contract/messages.ts';
import type { DomainEvent } from '../lib/events/catalogue.ts';
import { call } from '../local/http-client.ts';
import { read } from './support/answers.ts';
import { eventually, sharedUrls } from './support/client.ts';
import { eventOf, eventsOf } from './support/events.ts';
import { newPhone, newTelegramUser, unique } from './support/random.ts';
import { openTenant } from './support/tenant.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ana = { type: 'user', id: 'ana' };

/** What every event has, whatever it tells. */
const expectEnvelope = (event: DomainEvent, tenant: string): void => {
  expect(event.id).toMatch(uuid);
  expect(event).toMatchObject({ version: 1, tenantId: tenant });
  expect(new Date(event.occurredAt).toISOString()).toBe(event.occurredAt);
  expect(event.correlationId).not.toBe('');
  const fields = Object.keys(event.data);
  for (const field of Object.keys(event.previous ?? {})) expect(fields).toContain(field);
};

describe('events about a client', () => {
  it('tell who did what in which request, and only what changed of what was', async () => {
    const tenant = await openTenant();
    const { admin } = tenant;
    const headers = { 'x-request-id': unique('request') };
    const made = read(await admin.post('/crm/clients', { firstName: 'Olim' }, headers), 201, ClientSchema);
    const { id } = made;
    const created = await eventOf(tenant.id, 'ClientCreated');
    expectEnvelope(created, tenant.id);
    expect(created).toMatchObject({
      actor: ana,
      correlationId: headers['x-request-id'],
      subject: { type: 'client', id },
      data: made,
    });
    expect(created.previous).toBeUndefined();

    const changed = await admin.put(`/crm/clients/${id}`, { firstName: 'Olimjon', pin: '7' });
    const updated = await eventOf(tenant.id, 'ClientUpdated');
    expectEnvelope(updated, tenant.id);
    expect(updated.data).toEqual(changed.body);
    const { updatedAt } = made;
    expect(updated.previous).toEqual({ firstName: 'Olim', pin: null, version: 1, updatedAt });

    await admin.delete(`/crm/clients/${id}`);
    const deleted = await eventOf(tenant.id, 'ClientDeleted');
    expect(deleted).toMatchObject({ subject: { id }, data: { id, firstName: 'Olimjon' } });
    await admin.post(`/crm/clients/${id}/restore`);
    const restored = await eventOf(tenant.id, 'ClientRestored');
    for (const event of [deleted, restored]) expectEnvelope(event, tenant.id);
  });

  it('tell of each change to its contacts', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const path = `/crm/clients/${id}/contacts`;
    await tenant.admin.post(path, { type: 'other', value: 'Locker 7' });
    const updated = await eventOf(tenant.id, 'ClientUpdated', id);
    expect(updated).toMatchObject({ data: { contacts: [{ value: 'Locker 7' }] }, previous: { contacts: [] } });
  });

  it('are none for what was refused or changed nothing', async () => {
    const tenant = await openTenant();
    const phone = newPhone();
    const { id } = await tenant.addClient({ phone });
    await tenant.admin.post('/crm/clients', { firstName: 'Sardor', phone });
    await tenant.admin.put(`/crm/clients/${id}`, { firstName: 'Olim' }, { 'if-match': '"9"' });
    await tenant.admin.get(`/crm/clients/${id}`);
    const key = { 'idempotency-key': unique('key') };
    for (let time = 0; time < 2; time += 1) await tenant.admin.post('/crm/clients', { firstName: 'Twice' }, key);
    // What comes last shows that all before it has come.
    await tenant.admin.delete(`/crm/clients/${id}`);
    await eventOf(tenant.id, 'ClientDeleted');
    const types = (await eventsOf(tenant.id)).map(({ type }) => type);
    expect(types).toEqual(['ClientCreated', 'ClientCreated', 'ClientDeleted']);
  });
});

describe('events about a conversation', () => {
  it('tell of its whole course, by WhatsApp from the first word to the reading of the answer', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('whatsapp');
    const phone = newPhone();
    await tenant.receive(channel, { from: phone, name: 'Gulnora', text: 'Salom' });
    const chat = await tenant.onlyChat();
    const inbound = chat.messages[0]?.id ?? '';
    await tenant.admin.put(`/crm/chats/${chat.id}/read`);
    const headers = { 'x-request-id': unique('request') };
    const sent = await tenant.admin.post(`/crm/chats/${chat.id}/messages`, { text: 'Salom!' }, headers);
    const { id } = read(sent, 202, MessageSchema);
    await tenant.becomes(read(sent, 202, MessageSchema), 'delivered');
    await eventually(async () => {
      await call('POST', `${sharedUrls().simulator}/simulator/read`, { body: { to: phone } });
      await eventOf(tenant.id, 'MessageRead', id);
    });

    const client = { type: 'client', id: chat.id };
    expect(await eventOf(tenant.id, 'ChannelConnected')).toMatchObject({ actor: ana, data: channel });
    expect(await eventOf(tenant.id, 'ClientCreated')).toMatchObject({ actor: client, data: { phone } });
    expect(await eventOf(tenant.id, 'ChatCreated')).toMatchObject({ actor: client, data: { unreadCount: 1 } });
    const received = await eventOf(tenant.id, 'MessageReceived');
    expect(received).toMatchObject({ actor: client, subject: { id: inbound }, data: { text: 'Salom' } });
    expect(received.data.correlationId).toBe(received.correlationId);
    expect(await eventOf(tenant.id, 'MessageRead', inbound)).toMatchObject({ actor: ana, previous: { readAt: null } });
    const updated = await eventOf(tenant.id, 'ChatUpdated');
    expect(updated).toMatchObject({ actor: ana, data: { unreadCount: 0 }, previous: { unreadCount: 1 } });
    const queued = await eventOf(tenant.id, 'MessageQueued', id);
    expect(queued).toMatchObject({ actor: ana, data: sent.body });
    expect(queued.previous).toBeUndefined();
    const delivered = await eventOf(tenant.id, 'MessageDelivered', id);
    expect(delivered).toMatchObject({ data: { status: 'delivered' } });

    const events = await eventsOf(tenant.id);
    for (const event of events) expectEnvelope(event, tenant.id);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
    // What the system does to a message belongs to the request that the message came from.
    const about = events.filter(({ subject }) => subject.id === id);
    expect(new Set(about.map(({ correlationId }) => correlationId))).toEqual(new Set([headers['x-request-id']]));
  });

  it('tell of a message that is sent and of one that fails', async () => {
    const tenant = await openTenant();
    await tenant.connectTwilio('sms');
    const bot = await tenant.connectTelegram();
    await tenant.receive(bot, { from: newTelegramUser(), text: 'Hello' });
    const { id } = await tenant.onlyChat();
    const byBot = await tenant.send(id, { text: 'Hi' });
    const sent = await eventOf(tenant.id, 'MessageSent', byBot.id);
    expect(sent).toMatchObject({
      actor: { type: 'system' },
      data: { status: 'sent' },
      previous: { status: 'sending' },
    });
    const client = await tenant.addClient({ phone: '+15005550002', preferredTransport: 'sms' });
    const refused = await tenant.send(client.id, { text: unique('Hi') });
    const failed = await eventOf(tenant.id, 'MessageFailed', refused.id);
    expect(failed.data).toMatchObject({ status: 'failed', error: { code: '21612' } });
    // We wrote first: that opened the chat.
    expect(await eventOf(tenant.id, 'ChatCreated', client.id)).toMatchObject({ actor: ana });
  });

  it('are none for a webhook that comes again', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    await tenant.receive(channel, { from: newPhone(), text: 'Once', times: 5 });
    await tenant.addClient({ firstName: 'Last' });
    await eventually(async () => {
      const created = (await eventsOf(tenant.id)).filter(({ type }) => type === 'ClientCreated');
      expect(created).toHaveLength(2);
    });
    const types = (await eventsOf(tenant.id)).map(({ type }) => type);
    const expected = ['ChannelConnected', 'ClientCreated', 'ChatCreated', 'MessageReceived', 'ClientCreated'];
    expect(types.toSorted()).toEqual(expected.toSorted());
  });
});

describe('events about what a tenant sets', () => {
  it('tell of channels and settings', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTelegram();
    await tenant.admin.put(`/crm/channels/${channel.id}`, { status: 'disabled' });
    await tenant.admin.put('/crm/settings', { defaultCountry: 'UZ' });
    const updated = await eventOf(tenant.id, 'ChannelUpdated');
    expect(updated).toMatchObject({ data: { status: 'disabled' }, previous: { status: 'active', version: 1 } });
    const settings = await eventOf(tenant.id, 'SettingsUpdated');
    expect(settings).toMatchObject({ data: { defaultCountry: 'UZ' }, previous: { defaultCountry: null, version: 1 } });
    await tenant.admin.delete(`/crm/channels/${channel.id}`);
    expect(await eventOf(tenant.id, 'ChannelDisconnected')).toMatchObject({ subject: { id: channel.id } });
    for (const event of await eventsOf(tenant.id)) expectEnvelope(event, tenant.id);
  });
});
