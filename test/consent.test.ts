import { ClientSchema } from '../lib/contract/clients.ts';
import { call } from '../local/http-client.ts';
import { problemOf, read } from './support/answers.ts';
import { sharedUrls } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { newPhone, newTelegramUser } from './support/random.ts';
import { openTenant } from './support/tenant.ts';

describe('a client who writes STOP', () => {
  it('is sent no more SMS until START, and may still be read', async () => {
    const tenant = await openTenant();
    const sms = await tenant.connectTwilio('sms');
    const phone = newPhone();
    await tenant.receive(sms, { from: phone, text: 'Salom' });
    await tenant.receive(sms, { from: phone, text: 'STOP' });
    const { id } = await tenant.onlyChat();
    const path = `/crm/chats/${id}/messages`;
    problemOf(await tenant.admin.post(path, { text: 'Hi' }), 409, 'contact.opted-out');
    expect(read(await tenant.admin.get(`/crm/clients/${id}`), 200, ClientSchema).phoneOptedOut).toBe(true);
    const left = await eventOf(tenant.id, 'ContactOptedOut', id);
    expect(left).toMatchObject({ actor: { type: 'client', id }, previous: { phoneOptedOut: false } });

    await tenant.receive(sms, { from: phone, text: 'START' });
    expect((await tenant.admin.post(path, { text: 'Welcome back' })).status).toBe(202);
    const back = await eventOf(tenant.id, 'ContactOptedIn', id);
    expect(back).toMatchObject({ data: { phoneOptedOut: false }, previous: { phoneOptedOut: true } });
    expect((await tenant.chat(id)).messages.map(({ text }) => text)).toEqual([
      'Welcome back',
      'START',
      'STOP',
      'Salom',
    ]);
  });

  it('with the first word is known as opted out from the beginning', async () => {
    const tenant = await openTenant();
    await tenant.receive(await tenant.connectTwilio('sms'), { from: newPhone(), text: 'STOP' });
    const { id } = await tenant.onlyChat();
    problemOf(await tenant.admin.post(`/crm/chats/${id}/messages`, { text: 'Hi' }), 409, 'contact.opted-out');
    expect(await eventOf(tenant.id, 'ContactOptedOut', id)).toMatchObject({ previous: { phoneOptedOut: false } });
  });

  it('from a contact opts out that contact alone', async () => {
    const tenant = await openTenant();
    const sms = await tenant.connectTwilio('sms');
    const [phone, second] = [newPhone(), newPhone()];
    const { id } = await tenant.addClient({ phone, contacts: [{ type: 'phone', value: second }] });
    await tenant.receive(sms, { from: second, text: 'STOP' });
    const client = read(await tenant.admin.get(`/crm/clients/${id}`), 200, ClientSchema);
    expect(client).toMatchObject({ phoneOptedOut: false, contacts: [{ value: second, optedOut: true }] });
    problemOf(await tenant.admin.post(`/crm/chats/${id}/messages`, { text: 'Hi' }), 409, 'contact.opted-out');
    await tenant.receive(sms, { from: phone, text: 'Use this one' });
    const sent = await tenant.send(id, { text: 'Hi' });
    await tenant.becomes(sent, 'delivered');
  });
});

describe('a word of refusal', () => {
  const words = [
    ['sms', 'stopall', 'unstop'],
    ['sms', 'Отписаться!', 'старт'],
    ['sms', 'Тўхтатиш', 'Бошлаш'],
    ['whatsapp', 'Stop', 'Start'],
    ['whatsapp', 'СТОП', 'Подписаться'],
    ['whatsapp', 'obunani bekor qilish', "Obuna bo'lish"],
  ] as const;

  it.each(words)('by %s, %s, is understood by itself, and %s takes it back', async (transport, stop, start) => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio(transport);
    const from = newPhone();
    await tenant.receive(channel, { from, text: 'Salom' });
    const { id } = await tenant.onlyChat();
    const say = () => tenant.admin.post(`/crm/chats/${id}/messages`, { text: 'Hi', transport });
    await tenant.receive(channel, { from, text: stop, times: 3 });
    problemOf(await say(), 409, 'contact.opted-out');
    const left = await eventOf(tenant.id, 'ContactOptedOut', id);
    const refusal = { status: 'opted-out', source: 'client', note: stop, by: null };
    expect(left.data.phoneConsents).toMatchObject([
      { purpose: 'service', ...refusal },
      { purpose: 'marketing', ...refusal },
    ]);
    await tenant.receive(channel, { from, text: stop });
    await tenant.receive(channel, { from, text: start });
    expect((await say()).status).toBe(202);
    expect((await tenant.chat(id)).messages.map(({ text }) => text)).toEqual(['Hi', start, stop, stop, 'Salom']);
    await eventOf(tenant.id, 'ContactOptedOut', id);
    await eventOf(tenant.id, 'ContactOptedIn', id);
  });

  it('among others, or on Telegram, is a word like any other', async () => {
    const tenant = await openTenant();
    const [sms, bot] = [await tenant.connectTwilio('sms'), await tenant.connectTelegram()];
    const from = newPhone();
    await tenant.receive(sms, { from, text: 'Please stop by tomorrow' });
    const { id } = await tenant.onlyChat();
    expect((await tenant.admin.post(`/crm/chats/${id}/messages`, { text: 'Hi' })).status).toBe(202);
    await tenant.receive(bot, { from: newTelegramUser(), text: 'STOP' });
    const [latest] = await tenant.chats();
    expect((await tenant.admin.post(`/crm/chats/${latest?.id ?? ''}/messages`, { text: 'Hi' })).status).toBe(202);
  });

  it('is what Twilio makes of it where Twilio says so', async () => {
    const tenant = await openTenant();
    const sms = await tenant.connectTwilio('sms');
    const from = newPhone();
    await tenant.receive(sms, { from, text: 'STOP', fields: { OptOutType: 'HELP' } });
    const { id } = await tenant.onlyChat();
    const optedOut = async () => read(await tenant.admin.get(`/crm/clients/${id}`), 200, ClientSchema).phoneOptedOut;
    expect(await optedOut()).toBe(false);
    await tenant.receive(sms, { from, text: 'arrêt', fields: { OptOutType: 'STOP' } });
    expect(await optedOut()).toBe(true);
    await tenant.receive(sms, { from, text: 'STOP', fields: { OptOutType: 'START' } });
    expect(await optedOut()).toBe(false);
  });
});

describe('a number that Twilio calls unsubscribed', () => {
  it('fails the message and opts the client out, again whenever a user tries', async () => {
    const tenant = await openTenant();
    await tenant.connectTwilio('sms');
    const { id } = await tenant.addClient({ phone: '+15005550004' });
    const failed = await tenant.becomes(await tenant.send(id, { text: 'Hi', transport: 'sms' }), 'failed');
    expect(failed.error).toMatchObject({ code: '21610' });
    const again = await tenant.admin.post(`/crm/chats/${id}/messages`, { text: 'Hi', transport: 'sms' });
    problemOf(again, 409, 'contact.opted-out');
    const { data } = await eventOf(tenant.id, 'ContactOptedOut', id);
    expect(data.phoneConsents).toMatchObject([{ source: 'provider', note: '21610' }, { purpose: 'marketing' }]);

    const allowed = { contactId: null, purpose: 'service', status: 'opted-in' };
    expect((await tenant.admin.put(`/crm/clients/${id}/consents`, allowed)).status).toBe(200);
    await tenant.becomes(await tenant.send(id, { text: 'Hi again', transport: 'sms' }), 'failed');
    problemOf(
      await tenant.admin.post(`/crm/chats/${id}/messages`, { text: 'Hi', transport: 'sms' }),
      409,
      'contact.opted-out',
    );
  });
});

describe('a user of whose block Telegram tells only when written to', () => {
  it('fails the message and opts the client out', async () => {
    const tenant = await openTenant();
    const user = newTelegramUser();
    await call('PUT', `${sharedUrls().simulator}/simulator/blocked`, { body: { chatId: user, blocked: true } });
    await tenant.receive(await tenant.connectTelegram(), { from: user, text: 'Salom' });
    const { id } = await tenant.onlyChat();
    const failed = await tenant.becomes(await tenant.send(id, { text: 'Hi' }), 'failed');
    expect(failed.error).toMatchObject({ code: '403' });
    problemOf(await tenant.admin.post(`/crm/chats/${id}/messages`, { text: 'Hi' }), 409, 'contact.opted-out');
    await eventOf(tenant.id, 'ContactOptedOut', id);
  });
});
