import { pointersOf, problemOf } from './support/answers.ts';
import { newPhone, newTelegramUser } from './support/random.ts';
import { openTenant } from './support/tenant.ts';

const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';

describe('the transport of a message', () => {
  it('is the one the client last wrote on, unless said otherwise', async () => {
    const tenant = await openTenant();
    const [sms, whatsapp] = [await tenant.connectTwilio('sms'), await tenant.connectTwilio('whatsapp')];
    const phone = newPhone();
    const { id } = await tenant.addClient({ phone, preferredTransport: 'whatsapp' });
    const content = { contentSid: `HX${'0'.repeat(32)}` };
    expect(await tenant.send(id, { content })).toMatchObject({ transport: 'whatsapp' });
    await tenant.receive(sms, { from: phone, text: 'Salom' });
    expect(await tenant.send(id, { text: 'Last' })).toMatchObject({ transport: 'sms', channelId: sms.id });
    await tenant.receive(whatsapp, { from: phone, text: 'Salom' });
    expect(await tenant.send(id, { text: 'Last' })).toMatchObject({ transport: 'whatsapp', channelId: whatsapp.id });
    expect(await tenant.send(id, { text: 'Said', transport: 'sms' })).toMatchObject({ channelId: sms.id });
    expect(await tenant.send(id, { text: 'Said', channelId: sms.id })).toMatchObject({ transport: 'sms' });
  });

  it('has to be said to a client who has not written and prefers none', async () => {
    const tenant = await openTenant();
    await tenant.connectTwilio('sms');
    const { id } = await tenant.addClient({ phone: newPhone() });
    const path = `/crm/chats/${id}/messages`;
    problemOf(await tenant.admin.post(path, { text: 'Hi' }), 422, 'message.no-transport');
    expect(await tenant.send(id, { text: 'Hi', transport: 'sms' })).toMatchObject({ status: 'queued' });
  });

  it('has to be one that the client has an address on', async () => {
    const tenant = await openTenant();
    await Promise.all([tenant.connectTwilio('sms'), tenant.connectTelegram()]);
    const { id } = await tenant.addClient({ contacts: [{ type: 'telegram', value: '@olim_k' }] });
    const path = `/crm/chats/${id}/messages`;
    problemOf(await tenant.admin.post(path, { text: 'Hi', transport: 'sms' }), 422, 'message.no-address');
    // A bot cannot write first, and a handle is no address.
    problemOf(await tenant.admin.post(path, { text: 'Hi', transport: 'telegram' }), 422, 'message.no-address');
  });

  it('has to be one that a channel carries', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient({ phone: newPhone() });
    const path = `/crm/chats/${id}/messages`;
    for (const transport of ['sms', 'whatsapp', 'telegram', 'email']) {
      problemOf(await tenant.admin.post(path, { text: 'Hi', transport }), 422, 'message.no-channel');
    }
  });
});

describe('the channel of a message', () => {
  it('is the one the conversation is on, and has to be said where there are several', async () => {
    const tenant = await openTenant();
    const [one, other] = [await tenant.connectTwilio('sms'), await tenant.connectTwilio('sms')];
    const phone = newPhone();
    const { id } = await tenant.addClient({ phone });
    const path = `/crm/chats/${id}/messages`;
    problemOf(await tenant.admin.post(path, { text: 'Hi', transport: 'sms' }), 422, 'message.no-channel');
    expect(await tenant.send(id, { text: 'Hi', channelId: one.id })).toMatchObject({ channelId: one.id });
    await tenant.receive(other, { from: phone, text: 'Salom' });
    expect(await tenant.send(id, { text: 'Hi' })).toMatchObject({ channelId: other.id });
  });

  it('has to be one of the tenant, and of the transport that was said', async () => {
    const [tenant, stranger] = await Promise.all([openTenant(), openTenant()]);
    const [bot, foreign] = [await tenant.connectTelegram(), await stranger.connectTwilio('sms')];
    await tenant.connectTwilio('sms');
    const { id } = await tenant.addClient({ phone: newPhone() });
    const path = `/crm/chats/${id}/messages`;
    for (const channelId of [foreign.id, ABSENT, bot.id]) {
      const body = { text: 'Hi', transport: 'sms', channelId };
      problemOf(await tenant.admin.post(path, body), 422, 'message.no-channel');
    }
  });
});

describe('the text of a message', () => {
  it.each([
    ['sms', 1600, /SMS.*1600/],
    ['whatsapp', 1600, /WhatsApp.*1600/],
  ] as const)('by %s has at most %s characters', async (transport, limit, words) => {
    const tenant = await openTenant();
    const [channel, phone] = [await tenant.connectTwilio(transport), newPhone()];
    const { id } = await tenant.addClient({ phone, preferredTransport: transport });
    await tenant.receive(channel, { from: phone, text: 'Salom' });
    const problem = await tenant.admin.post(`/crm/chats/${id}/messages`, { text: 'x'.repeat(limit + 1) });
    expect(problemOf(problem, 422, 'message.limit').detail).toMatch(words);
    await tenant.becomes(await tenant.send(id, { text: 'x'.repeat(limit) }), 'delivered');
  });

  it('by Telegram has at most 4096 characters', async () => {
    const tenant = await openTenant();
    await tenant.receive(await tenant.connectTelegram(), { from: newTelegramUser(), text: 'Hello' });
    const { id } = await tenant.onlyChat();
    const problem = await tenant.admin.post(`/crm/chats/${id}/messages`, { text: 'x'.repeat(4097) });
    expect(problemOf(problem, 422, 'message.limit').detail).toMatch(/Telegram.*4096/);
    await tenant.becomes(await tenant.send(id, { text: 'x'.repeat(4096) }), 'sent');
  });

  it.each([
    [{}, '/text'],
    [{ text: '' }, '/text'],
    [{ text: ' \n ' }, '/text'],
    [{ text: 7 }, '/text'],
    [{ text: 'Hi', transport: 'pigeon' }, '/transport'],
    [{ text: 'Hi', channelId: 'x' }, '/channelId'],
    [{ text: 'Hi', status: 'sent' }, '/status'],
  ])('is refused in %j', async (body, pointer) => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const answer = await tenant.admin.post(`/crm/chats/${id}/messages`, body);
    expect(new Set(pointersOf(problemOf(answer, 400, 'request.invalid')))).toEqual(new Set([pointer]));
  });
});

describe('a message to a client that is not there', () => {
  it('is not found, whether the client never was or was deleted', async () => {
    const tenant = await openTenant();
    await tenant.connectTwilio('sms');
    const { id } = await tenant.addClient({ phone: newPhone(), preferredTransport: 'sms' });
    const sent = await tenant.send(id, { text: 'Hi' });
    await tenant.admin.delete(`/crm/clients/${id}`);
    for (const chat of [id, ABSENT, 'nonsense']) {
      const answer = await tenant.admin.post(`/crm/chats/${chat}/messages`, { text: 'Hi' });
      problemOf(answer, 404, 'resource.not-found');
    }
    const message = `/crm/chats/${id}/messages/${sent.id}`;
    problemOf(await tenant.admin.get(message), 404, 'resource.not-found');
    problemOf(await tenant.admin.post(`${message}/resend`), 404, 'resource.not-found');
  });
});

describe('a message over a channel that is disconnected before it is sent again', () => {
  it('is refused', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    const { id } = await tenant.addClient({ phone: '+15005550001', preferredTransport: 'sms' });
    const failed = await tenant.becomes(await tenant.send(id, { text: 'Hi' }), 'failed');
    await tenant.admin.delete(`/crm/channels/${channel.id}`);
    const answer = await tenant.admin.post(`/crm/chats/${id}/messages/${failed.id}/resend`);
    problemOf(answer, 422, 'message.no-channel');
  });
});
