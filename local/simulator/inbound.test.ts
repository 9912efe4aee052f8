import { telegramProvider } from '../../lib/providers/telegram/telegram.ts';
import { twilioProvider } from '../../lib/providers/twilio/twilio.ts';
import { startTestSystem, telegramCredentials, twilioCredentials } from './test-system.ts';

const twilio = twilioProvider({ apiBase: 'https://api.twilio.com', timeoutMs: 1_000 });
const telegram = telegramProvider({ apiBase: 'https://api.telegram.org', timeoutMs: 1_000 });

describe('playing the customer', () => {
  it('posts a signed SMS to the channel, as often as asked, all with one SID', async () => {
    await using system = await startTestSystem();
    const sms = { provider: 'twilio', channelId: 'sms', from: '+14155550123', name: 'Ana', text: 'Hi + čao', times: 3 };
    const { status, body } = await system.call('POST', '/simulator/inbound', sms);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 200, statuses: [200, 200, 200] });
    expect(JSON.stringify(body)).toMatch(/"sid":"SM[0-9a-f]{32}"/);
    expect(system.webhooks.map(({ url }) => url)).toEqual(Array(3).fill(`${system.api}/crm/webhooks/twilio/sms`));
    expect(new Set(system.webhooks.map(({ body: form }) => form)).size).toBe(1);
    expect(system.webhooks.every((webhook) => twilio.verify(twilioCredentials, webhook))).toBe(true);
    const [webhook] = system.webhooks;
    expect(webhook && twilio.parseInbound(webhook)).toMatchObject({
      transport: 'sms',
      text: 'Hi + čao',
      from: { address: '+14155550123' },
    });
  });

  it('writes on WhatsApp without being told to where the number is a WhatsApp channel only', async () => {
    await using system = await startTestSystem();
    const message = { provider: 'twilio', address: '+14155238886', from: '+14155550123', text: 'Hello' };
    const { body } = await system.call('POST', '/simulator/inbound', message);
    expect(body).toMatchObject({ status: 200 });
    const [webhook] = await system.received(1);
    expect(webhook && twilio.parseInbound(webhook)).toMatchObject({ transport: 'whatsapp', text: 'Hello' });
  });

  it('posts to the bare path when addressed by number, and hosts files', async () => {
    await using system = await startTestSystem();
    await system.call('POST', '/simulator/inbound', {
      provider: 'twilio',
      address: '+15005550006',
      transport: 'whatsapp',
      from: '+14155550123',
      name: 'Ana Horvat',
      media: [
        { contentType: 'image/png', base64: btoa('pixels') },
        { contentType: 'application/pdf', name: 'a.pdf' },
      ],
    });
    const [webhook] = await system.received(1);
    expect(webhook?.url).toBe(`${system.api}/crm/webhooks/twilio`);
    const update = webhook && twilio.parseInbound(webhook);
    expect(update).toMatchObject({
      transport: 'whatsapp',
      from: { address: '+14155550123', firstName: 'Ana', lastName: 'Horvat' },
      media: [{ contentType: 'image/png' }, { contentType: 'application/pdf' }],
    });
    const mediaUrl = new URLSearchParams(webhook?.body).get('MediaUrl0') ?? '';
    const { accountSid, authToken } = twilioCredentials;
    const authorization = `Basic ${btoa(`${accountSid}:${authToken}`)}`;
    const lead = await fetch(mediaUrl, { headers: { authorization }, redirect: 'manual' });
    const file = await fetch(lead.headers.get('location') ?? '');
    expect([file.headers.get('content-type'), await file.text()]).toEqual(['image/png', 'pixels']);
  });

  it('posts Telegram updates with the secret: text, edit, photo, anything', async () => {
    await using system = await startTestSystem();
    const write = (changes: object) =>
      system.call('POST', '/simulator/inbound', {
        provider: 'telegram',
        channelId: 'tg',
        from: 1111111,
        name: 'Ana Horvat',
        ...changes,
      });
    const first = await write({ text: 'Hello', times: 2 });
    expect(first.body).toMatchObject({ status: 200, statuses: [200, 200], update_id: 100_001, message_id: 1 });
    await write({ text: 'Hallo', edit: 1 });
    await write({ text: 'Look', media: [{ contentType: 'image/jpeg', base64: btoa('pixels') }] });
    await write({ fields: { location: { latitude: 1, longitude: 2 } } });
    expect(system.webhooks.every((webhook) => telegram.verify(telegramCredentials, webhook))).toBe(true);
    const updates = system.webhooks.map((webhook) => telegram.parseInbound(webhook));
    expect(updates.slice(1)).toMatchObject([
      { deduplicationId: '100001', text: 'Hello', from: { address: '1111111', firstName: 'Ana', lastName: 'Horvat' } },
      { deduplicationId: '100002', text: 'Hallo', editOf: '1111111:1' },
      { text: 'Look', media: [{ contentType: 'image/jpeg', size: 6 }] },
      { entry: 'system', text: 'Shared a location: 1, 2' },
    ]);
  });

  it('says what the system answered, and tries again as the provider would', async () => {
    await using system = await startTestSystem();
    system.answerWith(503);
    const sms = await system.call('POST', '/simulator/inbound', {
      provider: 'twilio',
      channelId: 'sms',
      from: '+14155550123',
      text: 'x',
    });
    expect(sms).toMatchObject({ status: 200, body: { status: 503, statuses: [503] } });
    const update = await system.call('POST', '/simulator/inbound', {
      provider: 'telegram',
      channelId: 'tg',
      from: 5,
      text: 'x',
    });
    expect(update.body).toMatchObject({ status: 503 });
    system.answerWith(200);
    await system.received(4);
    const keys = system.webhooks.map(({ body }) => body);
    expect([keys.filter((key) => key === keys[0]).length, keys.filter((key) => key === keys[1]).length]).toEqual([
      2, 2,
    ]);
  });

  it('shows both sides of a conversation, and a page to write on', async () => {
    await using system = await startTestSystem();
    await system.call('POST', '/simulator/inbound', {
      provider: 'twilio',
      channelId: 'sms',
      from: '+14155550123',
      text: 'Anyone?',
    });
    const provider = twilioProvider({ apiBase: system.simulator.url, timeoutMs: 1_000 });
    const statusCallbackUrl = `${system.api}/status`;
    await provider.send(twilioCredentials, {
      transport: 'sms',
      from: '+15005550006',
      to: '+14155550123',
      text: 'Yes',
      media: [],
      statusCallbackUrl,
    });
    const query = new URLSearchParams({ transport: 'sms', address: '+15005550006', customer: '+14155550123' });
    expect((await system.call('GET', `/simulator/conversation?${query.toString()}`)).body).toMatchObject({
      items: [
        { side: 'customer', text: 'Anyone?' },
        { side: 'system', text: 'Yes' },
      ],
    });
    expect((await system.call('GET', '/simulator/channels')).body).toEqual({
      items: [{ provider: 'twilio', transport: 'sms', address: '+15005550006' }],
    });
    const page = await fetch(system.simulator.url);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('<title>The customer');
  });

  it.each([
    ['POST', '/simulator/inbound', { provider: 'twilio', from: '+1', text: 'x' }, 400, /channelId or address/],
    ['POST', '/simulator/inbound', { provider: 'carrier-pigeon', channelId: 'sms', from: '+1' }, 400, /provider/],
    ['POST', '/simulator/inbound', { provider: 'twilio', channelId: 'sms', from: '+1', colour: 'red' }, 400, /colour/],
    [
      'POST',
      '/simulator/inbound',
      { provider: 'twilio', channelId: 'none', from: '+1' },
      404,
      /no twilio channel none/,
    ],
    ['POST', '/simulator/inbound', { provider: 'telegram', channelId: 'tg', from: 'ana' }, 400, /number/],
    ['PUT', '/simulator/faults', { provider: 'twilio', errorRate: 2 }, 400, /errorRate/],
    ['PUT', '/simulator/faults', { errorRate: 1 }, 400, /provider/],
    ['GET', '/simulator/nothing', undefined, 404, /no GET/],
  ])('answers %s %s with %o by %s', async (method, path, body, status, error) => {
    await using system = await startTestSystem();
    const answer = await system.call(method, path, body);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toMatch(error);
  });
});
