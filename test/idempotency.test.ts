import { ChannelSchema } from '../lib/contract/channels.ts';
import { ContactSchema, ClientSchema } from '../lib/contract/clients.ts';
import { MessageSchema } from '../lib/contract/messages.ts';
import { problemOf, read } from './support/answers.ts';
import { eventually, simulator } from './support/client.ts';
import { newBotToken, newNumber, newPhone, newTelegramUser, newTwilioCredentials, unique } from './support/random.ts';
import { ChannelsSchema, ClientsSchema, openTenant } from './support/tenant.ts';

const newKey = () => ({ 'idempotency-key': unique('key') });

describe('the same Idempotency-Key', () => {
  it('gives the first answer again', async () => {
    const { admin } = await openTenant();
    const [key, body] = [newKey(), { firstName: 'Olim', phone: newPhone() }];
    const made = await admin.post('/crm/clients', body, key);
    const again = await admin.post('/crm/clients', body, key);
    expect(read(again, 201, ClientSchema)).toEqual(made.body);
    expect(made.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    for (const header of ['etag', 'location']) expect(again.headers.get(header)).toBe(made.headers.get(header));
    expect(read(await admin.get('/crm/clients'), 200, ClientsSchema).items).toHaveLength(1);
  });

  it('gives the first answer also after the client has changed', async () => {
    const { admin } = await openTenant();
    const [key, body] = [newKey(), { firstName: 'Olim' }];
    const made = read(await admin.post('/crm/clients', body, key), 201, ClientSchema);
    read(await admin.put(`/crm/clients/${made.id}`, { firstName: 'Olimjon' }), 200, ClientSchema);
    expect(read(await admin.post('/crm/clients', body, key), 201, ClientSchema)).toEqual(made);
  });

  it('makes one client when ten requests arrive at once', async () => {
    const { admin } = await openTenant();
    const [key, body] = [newKey(), { firstName: 'Olim' }];
    const answers = await Promise.all(Array.from({ length: 10 }, () => admin.post('/crm/clients', body, key)));
    const ids = new Set(answers.map((answer) => read(answer, 201, ClientSchema).id));
    expect(ids.size).toBe(1);
    expect(read(await admin.get('/crm/clients'), 200, ClientsSchema).items).toHaveLength(1);
  });

  it('is refused for another body, and leaves the first as it was', async () => {
    const { admin } = await openTenant();
    const key = newKey();
    read(await admin.post('/crm/clients', { firstName: 'Olim' }, key), 201, ClientSchema);
    problemOf(await admin.post('/crm/clients', { firstName: 'Sardor' }, key), 422, 'idempotency.key-reused');
    expect(read(await admin.get('/crm/clients'), 200, ClientsSchema).items).toHaveLength(1);
  });

  it('is another one for another user, another tenant and another route', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const [key, body] = [newKey(), { firstName: 'Olim' }];
    const users = [tenant.admin, await tenant.as('agent', 'boris'), other.admin];
    const answers = await Promise.all(users.map((user) => user.post('/crm/clients', body, key)));
    const made = answers.map((answer) => read(answer, 201, ClientSchema));
    expect(new Set(made.map(({ id }) => id)).size).toBe(3);
    const contacts = `/crm/clients/${made[0]?.id ?? ''}/contacts`;
    read(await tenant.admin.post(contacts, { type: 'other', value: 'A' }, key), 201, ContactSchema);
  });

  it('can be used again after a request that was refused', async () => {
    const { admin } = await openTenant();
    const [key, phone] = [newKey(), newPhone()];
    const holder = read(await admin.post('/crm/clients', { firstName: 'Olim', phone }), 201, ClientSchema);
    const body = { firstName: 'Sardor', phone };
    problemOf(await admin.post('/crm/clients', body, key), 409, 'contact.duplicate');
    await admin.delete(`/crm/clients/${holder.id}`);
    read(await admin.post('/crm/clients', body, key), 201, ClientSchema);
  });

  it.each(['', 'two words', 'x'.repeat(256)])('has to be a plain word: "%s"', async (key) => {
    const { admin } = await openTenant();
    const answer = await admin.post('/crm/clients', { firstName: 'Olim' }, { 'idempotency-key': key });
    problemOf(answer, 400, 'request.malformed');
  });

  it('adds one contact', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const [key, path, body] = [newKey(), `/crm/clients/${id}/contacts`, { type: 'other', value: 'A' }];
    const made = read(await tenant.admin.post(path, body, key), 201, ContactSchema);
    expect(read(await tenant.admin.post(path, body, key), 201, ContactSchema)).toEqual(made);
  });

  it('opens one chat, with the first answer again', async () => {
    const tenant = await openTenant();
    const body = { clientId: (await tenant.addClient()).id };
    const key = newKey();
    const answers = [
      await tenant.admin.post('/crm/chats', body, key),
      await tenant.admin.post('/crm/chats', body, key),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
  });

  it('sends one message, however often and at once it is asked for', async () => {
    const tenant = await openTenant();
    const user = newTelegramUser();
    await tenant.receive(await tenant.connectTelegram(), { from: user, text: 'Hello' });
    const { id } = await tenant.onlyChat();
    const [key, path, body] = [newKey(), `/crm/chats/${id}/messages`, { text: unique('Hi') }];
    const answers = await Promise.all(Array.from({ length: 5 }, () => tenant.admin.post(path, body, key)));
    answers.push(await tenant.admin.post(path, body, key));
    const ids = new Set(answers.map((answer) => read(answer, 202, MessageSchema).id));
    expect(ids.size).toBe(1);
    await eventually(async () => {
      const { body: outbox } = await simulator().outbox({ to: String(user) });
      expect(outbox).toMatchObject({ items: [{ text: body.text, times: 1 }] });
    });
    expect((await tenant.chat(id)).messages).toHaveLength(2);
  });

  it('connects one channel, also when both requests arrive at once', async () => {
    const { admin } = await openTenant();
    const key = newKey();
    const credentials = newTwilioCredentials();
    const body = { transport: 'sms', provider: 'twilio', address: newNumber(), credentials };
    const answers = await Promise.all([1, 2, 3].map(() => admin.post('/crm/channels', body, key)));
    answers.push(await admin.post('/crm/channels', body, key));
    const ids = new Set(answers.map((answer) => read(answer, 201, ChannelSchema).id));
    expect(ids.size).toBe(1);
    expect(read(await admin.get('/crm/channels'), 200, ChannelsSchema).items).toHaveLength(1);
  });

  it('can be used again after the provider refused the channel', async () => {
    const { admin } = await openTenant();
    const key = newKey();
    const [, secret = ''] = newBotToken().split(':');
    const body = (token: string) => ({ transport: 'telegram', provider: 'telegram', credentials: { botToken: token } });
    const refused = body(`${newTelegramUser()}:invalid-${secret}`);
    problemOf(await admin.post('/crm/channels', refused, key), 422, 'channel.refused');
    problemOf(await admin.post('/crm/channels', refused, key), 422, 'channel.refused');
    read(await admin.post('/crm/channels', body(newBotToken()), key), 201, ChannelSchema);
  });
});
