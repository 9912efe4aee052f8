import { Telegram } from 'telegraf';
import { telegramProvider } from '../../lib/providers/telegram/telegram.ts';
import type { OutboundMessage } from '../../lib/providers/provider.ts';
import { startTestSystem, telegramCredentials, type TestSystem } from './test-system.ts';

const officialClient = ({ simulator }: TestSystem, token = telegramCredentials.botToken) =>
  new Telegram(token, { apiRoot: simulator.url });
const providerOf = ({ simulator }: TestSystem, timeoutMs = 2_000) =>
  telegramProvider({ apiBase: simulator.url, timeoutMs });
const message: OutboundMessage = {
  transport: 'telegram',
  from: '@parley_123456_bot',
  to: '1111111',
  text: 'Hello',
  media: [],
  statusCallbackUrl: 'https://parley.example/status',
};

describe('the simulated Telegram', () => {
  it('works with the official client: me, webhook, messages, files, errors', async () => {
    await using system = await startTestSystem();
    const bot = officialClient(system);
    expect(await bot.getMe()).toMatchObject({ id: 123456, is_bot: true, username: 'parley_123456_bot' });
    await bot.setWebhook('https://parley.example/tg', { secret_token: 's', allowed_updates: ['message'] });
    expect(await bot.getWebhookInfo()).toMatchObject({
      url: 'https://parley.example/tg',
      allowed_updates: ['message'],
    });
    await bot.deleteWebhook();
    expect(await bot.getWebhookInfo()).toMatchObject({ url: '' });
    expect(await bot.sendMessage(5, 'One')).toMatchObject({
      message_id: 1,
      text: 'One',
      chat: { id: 5, type: 'private' },
    });
    expect(await bot.sendPhoto(5, `${system.simulator.url}/health`, { caption: 'Two' })).toMatchObject({
      message_id: 2,
      caption: 'Two',
    });
    const upload = { source: Buffer.from('bytes'), filename: 'notes.txt' };
    expect(await bot.sendDocument(5, upload)).toMatchObject({ message_id: 3, document: { file_name: 'notes.txt' } });
    const album = await bot.sendMediaGroup(5, [
      { type: 'photo', media: `${system.simulator.url}/health?1` },
      { type: 'photo', media: `${system.simulator.url}/health?2` },
    ]);
    expect(album.map(({ message_id: id }) => id)).toEqual([4, 5]);
    await expect(bot.sendMessage(5, '')).rejects.toMatchObject({
      code: 400,
      description: 'Bad Request: message text is empty',
    });
    await expect(bot.sendMessage(0, 'x')).rejects.toMatchObject({
      code: 400,
      description: 'Bad Request: chat not found',
    });
    await expect(officialClient(system, '1:invalid').getMe()).rejects.toMatchObject({ code: 401 });
    await expect(officialClient(system, 'nonsense').getMe()).rejects.toMatchObject({ code: 404 });
  });

  it('is connected, probed and left by the provider', async () => {
    await using system = await startTestSystem();
    const channel = { address: undefined, transport: 'telegram', webhookUrl: `${system.api}/tg/webhook/tg` } as const;
    const provider = providerOf(system);
    expect(await provider.connect(telegramCredentials, channel)).toEqual({
      kind: 'connected',
      address: '@parley_123456_bot',
    });
    expect(await provider.probe(telegramCredentials)).toBe('usable');
    expect(await provider.connect({ ...telegramCredentials, botToken: '9:invalid' }, channel)).toMatchObject({
      kind: 'refused',
    });
    await provider.disconnect(telegramCredentials);
    expect(await officialClient(system).getWebhookInfo()).toMatchObject({ url: '' });
  });

  it.each([
    [{ rejectRate: 1 }, { kind: 'refused' }, 0],
    [{ errorRate: 1 }, { kind: 'ambiguous' }, 0],
    [{ rateLimitRate: 1, retryAfterSeconds: 3 }, { kind: 'rate-limited', retryAfterSeconds: 3, scope: 'chat' }, 0],
    [{ acceptThenErrorRate: 1 }, { kind: 'ambiguous' }, 1],
    [{ acceptThenHangRate: 1, hangMs: 5_000 }, { kind: 'ambiguous' }, 1],
  ])('with %o makes a send come to %o', async (faults, outcome, accepted) => {
    await using system = await startTestSystem();
    await system.call('PUT', '/simulator/faults', { provider: 'telegram', ...faults });
    expect(await providerOf(system, 300).send(telegramCredentials, message)).toMatchObject(outcome);
    const { body } = await system.call('GET', '/simulator/outbox?provider=telegram&to=1111111');
    expect(body).toMatchObject({ items: [{ text: 'Hello', times: 1, accepted }] });
  });

  it('tells a bot that has written to a customer who blocks it, and refuses to deliver to them', async () => {
    await using system = await startTestSystem();
    const provider = providerOf(system);
    const webhookUrl = `${system.api}/tg/webhook/tg`;
    await provider.connect(telegramCredentials, { address: undefined, transport: 'telegram', webhookUrl });
    await system.call('PUT', '/simulator/blocked', { chatId: 1111111, blocked: false });
    expect(system.webhooks).toEqual([]);
    expect(await provider.send(telegramCredentials, message)).toMatchObject({ kind: 'accepted' });
    await system.call('PUT', '/simulator/blocked', { chatId: 1111111, blocked: true });
    expect(await provider.send(telegramCredentials, message)).toMatchObject({
      kind: 'refused',
      code: '403',
      optedOut: true,
    });
    await system.call('PUT', '/simulator/blocked', { chatId: '1111111', blocked: false });
    expect(await provider.send(telegramCredentials, message)).toMatchObject({ kind: 'accepted' });
    const updates = system.webhooks.map((webhook) => provider.parseInbound(webhook));
    expect(updates).toMatchObject([{ consent: 'opted-out' }, { consent: 'opted-in' }]);
    expect(system.webhooks.every((webhook) => provider.verify(telegramCredentials, webhook))).toBe(true);
  });
});
