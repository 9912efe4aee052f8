import { ChannelSchema } from '../lib/contract/channels.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import {
  newAccountSid,
  newBotToken,
  newNumber,
  newPhone,
  newTelegramUser,
  newTwilioCredentials,
} from './support/random.ts';
import { keysOf } from './support/table.ts';
import { ChannelsSchema, openTenant, type Tenant } from './support/tenant.ts';
import { addressOf, postTelegram, postTwilio, secretOf, smsForm } from './support/webhooks.ts';

const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';

const twilio = (fields: object = {}) => ({
  transport: 'sms',
  provider: 'twilio',
  address: newNumber(),
  credentials: newTwilioCredentials(),
  ...fields,
});
const telegram = (botToken = newBotToken()) => ({
  transport: 'telegram',
  provider: 'telegram',
  credentials: { botToken },
});

const channelsOf = async ({ admin }: Tenant) => read(await admin.get('/crm/channels'), 200, ChannelsSchema).items;

describe('connecting', () => {
  it.each(['sms', 'whatsapp'])('a Twilio number for %s gives the addresses to set at Twilio', async (transport) => {
    const tenant = await openTenant();
    const body = twilio({ transport });
    const answer = await tenant.admin.post('/crm/channels', body);
    const channel = read(answer, 201, ChannelSchema);
    expect(channel).toMatchObject({
      transport,
      provider: 'twilio',
      address: body.address,
      status: 'active',
      onAmbiguous: 'ask',
      version: 1,
    });
    const path = `/crm/webhooks/twilio/${channel.id}`;
    expect(new URL(channel.webhookUrl).pathname).toBe(path);
    expect(new URL(channel.statusCallbackUrl ?? '').pathname).toBe(`${path}/status`);
    // Twilio repeats a webhook only where its address asks for it.
    expect(new URL(channel.webhookUrl).hash).toBe('#rc=5&rp=5xx,ct,rt');
    expect(answer.headers.get('location')).toBe(`/crm/channels/${channel.id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(await channelsOf(tenant)).toEqual([channel]);
    expect((await tenant.admin.get(`/crm/channels/${channel.id}`)).body).toEqual(channel);
  });

  it('a Telegram bot asks who it is and sets its webhook', async () => {
    const tenant = await openTenant();
    const botToken = newBotToken();
    const channel = await tenant.connectTelegram(botToken);
    expect(channel).toMatchObject({
      transport: 'telegram',
      address: `@parley_${botToken.split(':')[0] ?? ''}_bot`,
      statusCallbackUrl: null,
      status: 'active',
    });
    expect(new URL(channel.webhookUrl).pathname).toBe(`/tg/webhook/${channel.id}`);
    await tenant.receive(channel, { from: newTelegramUser(), text: 'Hello' });
    await tenant.onlyChat();
  });

  it('a number twice is refused, in the same tenant and in another', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const [number, bot] = [twilio(), telegram()];
    await tenant.connect(number);
    await tenant.connect(bot);
    for (const { admin } of [tenant, other]) {
      for (const channel of [number, bot]) {
        problemOf(await admin.post('/crm/channels', channel), 409, 'channel.duplicate');
      }
    }
    expect(await channelsOf(tenant)).toHaveLength(2);
    expect(await channelsOf(other)).toEqual([]);
  });

  it('a number for SMS and for WhatsApp makes two channels', async () => {
    const tenant = await openTenant();
    const [credentials, address] = [newTwilioCredentials(), newNumber()];
    await tenant.connectTwilio('sms', credentials, address);
    await tenant.connectTwilio('whatsapp', credentials, address);
    expect(await channelsOf(tenant)).toHaveLength(2);
  });

  it.each([
    ['Twilio', () => twilio({ credentials: { ...newTwilioCredentials(), authToken: 'invalid' } })],
    ['Telegram', () => telegram(`${newTelegramUser()}:invalid-token-of-nobody`)],
  ])('with credentials that %s refuses leaves nothing behind', async (_, make) => {
    const tenant = await openTenant();
    const body = make();
    problemOf(await tenant.admin.post('/crm/channels', body), 422, 'channel.refused');
    expect(await channelsOf(tenant)).toEqual([]);
    expect(await keysOf(tenant.id)).toEqual([]);
    // Not even the claim to the number: the next one is refused for the same reason.
    problemOf(await tenant.admin.post('/crm/channels', body), 422, 'channel.refused');
  });

  it.each([
    ['a number that is none', twilio({ address: '4155551234' }), '/address'],
    [
      'an account that is none',
      twilio({ credentials: { accountSid: 'AC1', authToken: 'x' } }),
      '/credentials/accountSid',
    ],
    ['no auth token', twilio({ credentials: { accountSid: newAccountSid() } }), '/credentials/authToken'],
    ['a bot token that is none', telegram('bot'), '/credentials/botToken'],
    ['a transport that is not the provider’s', { ...telegram(), transport: 'sms' }, '/transport'],
    ['a provider that is none', { ...telegram(), provider: 'viber' }, '/provider'],
    ['an unknown field', { ...telegram(), name: 'Shop' }, '/name'],
    ['a status', { ...telegram(), status: 'active' }, '/status'],
  ])('with %s is refused', async (_, body, pointer) => {
    const { admin } = await openTenant();
    expect(pointersOf(problemOf(await admin.post('/crm/channels', body), 400, 'request.invalid'))).toEqual([pointer]);
  });
});

describe('a channel', () => {
  it('is disabled and enabled by who knows its version', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    const path = `/crm/channels/${channel.id}`;
    const client = await tenant.addClient({ phone: newPhone() });
    const disabled = await tenant.admin.put(path, { status: 'disabled' }, { 'if-match': '"1"' });
    expect(read(disabled, 200, ChannelSchema)).toEqual({ ...channel, status: 'disabled', version: 2 });
    expect(disabled.headers.get('etag')).toBe('"2"');
    const messages = `/crm/chats/${client.id}/messages`;
    const text = { text: 'Hi', channelId: channel.id };
    problemOf(await tenant.admin.post(messages, text), 409, 'channel.disabled');
    problemOf(await tenant.admin.post(messages, { text: 'Hi', transport: 'sms' }), 422, 'message.no-channel');
    problemOf(await tenant.admin.put(path, { status: 'active' }, { 'if-match': '"1"' }), 412, 'version.stale');
    problemOf(await tenant.admin.delete(path, { 'if-match': '"1"' }), 412, 'version.stale');
    read(await tenant.admin.put(path, { status: 'active', onAmbiguous: 'resend' }), 200, ChannelSchema);
    expect(await channelsOf(tenant)).toMatchObject([{ status: 'active', onAmbiguous: 'resend', version: 3 }]);
    expect((await tenant.admin.post(messages, text)).status).toBe(202);
  });

  it('of Twilio that is re-keyed takes webhooks signed with the new and with the former token', async () => {
    const tenant = await openTenant();
    const [former, other] = [newTwilioCredentials(), newTwilioCredentials()];
    const channel = await tenant.connectTwilio('sms', former);
    const credentials = { ...former, authToken: other.authToken };
    read(await tenant.admin.put(`/crm/channels/${channel.id}`, { status: 'active', credentials }), 200, ChannelSchema);
    const post = (token: string) =>
      postTwilio(addressOf(channel), smsForm({ From: newPhone(), To: channel.address }), token);
    expect((await post(credentials.authToken)).status).toBe(200);
    expect((await post(former.authToken)).status).toBe(200);
    problemOf(await post(newTwilioCredentials().authToken), 401, 'webhook.forged');
    expect(await tenant.chats()).toHaveLength(2);
  });

  it('of Telegram that gets a new token keeps its secret, so that no update is lost', async () => {
    const tenant = await openTenant();
    const botToken = newBotToken();
    const channel = await tenant.connectTelegram(botToken);
    const former = await secretOf(channel);
    const credentials = { botToken: botToken.replace(/:.*/, `:${newAccountSid()}`) };
    read(await tenant.admin.put(`/crm/channels/${channel.id}`, { status: 'active', credentials }), 200, ChannelSchema);
    expect(await secretOf(channel)).toBe(former);
    const user = { id: newTelegramUser(), is_bot: false, first_name: 'Olim' };
    const chat = { id: user.id, type: 'private' };
    const message = { message_id: 1, date: 1_700_000_000, text: 'Hello', from: user, chat };
    expect((await postTelegram(channel.webhookUrl, { update_id: 1, message }, former)).status).toBe(200);
    expect(await tenant.chats()).toHaveLength(1);
  });

  it('stays as it was when the provider refuses the new credentials', async () => {
    const tenant = await openTenant();
    const credentials = newTwilioCredentials();
    const channel = await tenant.connectTwilio('sms', credentials);
    const path = `/crm/channels/${channel.id}`;
    const wrong = { status: 'active', credentials: { ...credentials, authToken: 'invalid' } };
    problemOf(await tenant.admin.put(path, wrong), 422, 'channel.refused');
    const form = smsForm({ From: newPhone(), To: channel.address });
    expect((await postTwilio(addressOf(channel), form, credentials.authToken)).status).toBe(200);
    problemOf(await postTwilio(addressOf(channel), form, 'invalid'), 401, 'webhook.forged');
  });

  it('does not become another account, another bot or another provider', async () => {
    const tenant = await openTenant();
    const [number, bot] = [await tenant.connectTwilio('sms'), await tenant.connectTelegram()];
    const attempts = [
      [number, newTwilioCredentials(), '/credentials/accountSid'],
      [number, { botToken: newBotToken() }, '/credentials'],
      [bot, { botToken: newBotToken() }, '/credentials/botToken'],
      [bot, newTwilioCredentials(), '/credentials'],
    ] as const;
    for (const [{ id }, credentials, pointer] of attempts) {
      const answer = await tenant.admin.put(`/crm/channels/${id}`, { status: 'active', credentials });
      expect(pointersOf(problemOf(answer, 400, 'request.invalid'))).toEqual([pointer]);
    }
    expect((await channelsOf(tenant)).map(({ version }) => version)).toEqual([1, 1]);
  });

  it('that is disconnected takes no webhooks, keeps its messages, and can be connected anew', async () => {
    const tenant = await openTenant();
    const [number, bot] = [twilio(), telegram()];
    const [sms, tg] = [await tenant.connect(number), await tenant.connect(bot)];
    const secret = await secretOf(tg);
    await tenant.receive(sms, { from: newPhone(), text: 'Hello' });
    for (const { id } of [sms, tg]) {
      expect((await tenant.admin.delete(`/crm/channels/${id}`)).status).toBe(204);
      problemOf(await tenant.admin.get(`/crm/channels/${id}`), 404, 'resource.not-found');
      problemOf(await tenant.admin.delete(`/crm/channels/${id}`), 404, 'resource.not-found');
    }
    expect(await channelsOf(tenant)).toEqual([]);
    const form = smsForm({ From: newPhone(), To: sms.address, AccountSid: number.credentials.accountSid });
    for (const url of [addressOf(sms), addressOf(sms).replace(`/${sms.id}`, '')]) {
      problemOf(await postTwilio(url, form, number.credentials.authToken), 401, 'webhook.forged');
    }
    for (const url of [tg.webhookUrl, tg.webhookUrl.replace(`/${tg.id}`, '')]) {
      problemOf(await postTelegram(url, { update_id: 1 }, secret), 401, 'webhook.forged');
    }
    expect((await tenant.onlyChat()).messages).toMatchObject([{ text: 'Hello', channelId: sms.id }]);
    const again = await Promise.all([tenant.connect(number), tenant.connect(bot)]);
    expect(again.map(({ status }) => status)).toEqual(['active', 'active']);
  });

  it('is one however the account is written', async () => {
    const tenant = await openTenant();
    const number = twilio();
    await tenant.connect(number);
    const accountSid = `AC${number.credentials.accountSid.slice(2).toUpperCase()}`;
    const again = { ...number, credentials: { ...number.credentials, accountSid } };
    problemOf(await tenant.admin.post('/crm/channels', again), 409, 'channel.duplicate');
  });

  it('that does not exist is not found', async () => {
    const { admin } = await openTenant();
    for (const id of [ABSENT, 'nonsense']) {
      problemOf(await admin.get(`/crm/channels/${id}`), 404, 'resource.not-found');
      problemOf(await admin.put(`/crm/channels/${id}`, { status: 'active' }), 404, 'resource.not-found');
      problemOf(await admin.delete(`/crm/channels/${id}`), 404, 'resource.not-found');
    }
  });
});
