import { ClientSchema } from '../../lib/contract/clients.ts';
import { problemOf, read } from '../support/answers.ts';
import { eventsOf, openSms, openTelegram, patiently, type Scene } from './support.ts';

const SENT = ['MessageQueued', 'MessageSent', 'MessageDelivered'];
const scenes: Scene[] = [];

/** Kept, so that the end can be looked at once more. */
const sms = async (to?: string): Promise<Scene> => {
  const scene = await openSms(to === undefined ? {} : { to });
  scenes.push(scene);
  return scene;
};

const secondsBetween = (one: string, other: string): number => (Date.parse(other) - Date.parse(one)) / 1000;

it.concurrent(
  'a provider that asks for a pause gets the message once, after the pause, and the chat keeps its order',
  async () => {
    const scene = await sms();
    await scene.fault({ rateLimitRate: 1, retryAfterSeconds: 3, times: 1 });
    const messages = [await scene.say('one'), await scene.say('two'), await scene.say('three')];
    for (const message of messages) await scene.becomes(message, 'delivered');
    expect(await scene.received()).toEqual(['one', 'two', 'three']);
    expect(await scene.requests('one')).toEqual(['rate-limited', 'accepted']);
    const [refused, accepted] = (await scene.outbox()).flatMap(({ requests }) => requests);
    expect(secondsBetween(refused?.at ?? '', accepted?.at ?? '')).toBeGreaterThanOrEqual(3);
  },
);

it.concurrent(
  'a provider that asks for a pause too long for the queue gets the message once, after it, and the chat keeps its order',
  async () => {
    const scene = await sms();
    await scene.fault({ rateLimitRate: 1, retryAfterSeconds: 11, times: 1 });
    const messages = [await scene.say('one'), await scene.say('two')];
    for (const message of messages) await scene.becomes(message, 'delivered');
    expect(await scene.received()).toEqual(['one', 'two']);
    expect(await scene.requests('one')).toEqual(['rate-limited', 'accepted']);
    const [refused, accepted] = (await scene.outbox()).flatMap(({ requests }) => requests);
    expect(secondsBetween(refused?.at ?? '', accepted?.at ?? '')).toBeGreaterThanOrEqual(11);
  },
);

it.concurrent('a provider that asks for a pause may be Telegram as well', async () => {
  const scene = await openTelegram();
  scenes.push(scene);
  await scene.fault({ rateLimitRate: 1, retryAfterSeconds: 2, times: 1 });
  const messages = [await scene.say('one'), await scene.say('two')];
  for (const message of messages) await scene.becomes(message, 'sent');
  expect(await scene.received()).toEqual(['one', 'two']);
});

it.concurrent('an ambiguous answer is unknown until Twilio is asked; what it does not have is sent once', async () => {
  const scene = await sms();
  await scene.fault({ errorRate: 1, times: 1 });
  const message = await scene.say('lost');
  await scene.becomes(message, 'delivered');
  expect(await scene.requests('lost')).toEqual(['error', 'accepted']);
  await scene.announced(message, ['MessageQueued', 'MessageUnknown', ...SENT]);
});

it.concurrent('an ambiguous answer is unknown until Twilio is asked; what it has is not sent again', async () => {
  const scene = await sms();
  await scene.fault({ acceptThenErrorRate: 1, times: 1, dropCallbacks: 1 });
  const message = await scene.say('there');
  const { providerMessageId, sentAt } = await scene.becomes(message, 'sent');
  expect(providerMessageId).toMatch(/^SM/);
  expect(sentAt).not.toBeNull();
  expect(await scene.requests('there')).toEqual(['accepted-then-error']);
  await scene.announced(message, ['MessageQueued', 'MessageUnknown', 'MessageSent']);
});

it.concurrent('an ambiguous answer is settled by a callback before anybody asks', async () => {
  const scene = await sms();
  await scene.fault({ acceptThenErrorRate: 1, times: 1, callbackDelayMs: 200 });
  const message = await scene.say('called back');
  await scene.becomes(message, 'delivered');
  expect(await scene.requests('called back')).toEqual(['accepted-then-error']);
});

it.concurrent(
  'an ambiguous answer can be a hang past the time-out of the call, after the message was taken',
  async () => {
    const scene = await sms();
    await scene.fault({ acceptThenHangRate: 1, hangMs: 12_000, times: 1, dropCallbacks: 1 });
    const message = await scene.say('hung');
    await scene.becomes(message, 'sent');
    expect(await scene.requests('hung')).toEqual(['accepted-then-hang']);
    await scene.announced(message, ['MessageQueued', 'MessageUnknown', 'MessageSent']);
  },
);

it.concurrent('an ambiguous answer can be a hang before the message was taken', async () => {
  const scene = await sms();
  await scene.fault({ hangRate: 1, hangMs: 12_000, times: 1 });
  const message = await scene.say('never taken');
  await scene.becomes(message, 'delivered');
  expect(await scene.requests('never taken')).toEqual(['hung', 'accepted']);
});

it.concurrent('an ambiguous answer stays visible where Telegram cannot be asked, with a resend', async () => {
  const scene = await openTelegram();
  scenes.push(scene);
  await scene.fault({ errorRate: 1, times: 1 });
  const message = await scene.say('perhaps');
  await scene.becomes(message, 'unknown');
  const again = await scene.resend(message);
  expect(again).toMatchObject({ resendOf: message.id, text: 'perhaps' });
  expect(again.id).not.toBe(message.id);
  await scene.becomes(again, 'sent');
  await scene.announced(message, ['MessageQueued', 'MessageUnknown']);
  expect((await scene.tenant.message(message)).status).toBe('unknown');
  problemOf(
    await scene.tenant.admin.post(`/crm/chats/${again.chatId}/messages/${again.id}/resend`),
    409,
    'message.not-resendable',
  );
});

it.concurrent('an ambiguous answer is sent again by itself where the channel says so', async () => {
  const scene = await openTelegram({ onAmbiguous: 'resend' });
  scenes.push(scene);
  await scene.fault({ errorRate: 1, times: 1 });
  const message = await scene.say('again');
  await scene.becomes(message, 'sent');
  expect(await scene.requests('again')).toEqual(['error', 'accepted']);
  await scene.announced(message, ['MessageQueued', 'MessageUnknown', 'MessageQueued', 'MessageSent']);
});

it.concurrent('a provider that refuses fails the message with its reason', async () => {
  const scene = await sms();
  await scene.fault({ rejectRate: 1, times: 1 });
  const message = await scene.say('refused');
  const { error } = await scene.becomes(message, 'failed');
  expect(error?.code).toBe('21211');
  await scene.announced(message, ['MessageQueued', 'MessageFailed']);
});

it.concurrent(
  'a provider that refuses because the client has opted out tells us so, and nobody writes there again',
  async () => {
    const scene = await sms('+15005550004');
    const message = await scene.say('unwanted');
    const { error } = await scene.becomes(message, 'failed');
    expect(error?.code).toBe('21610');
    const { admin, id } = scene.tenant;
    expect(read(await admin.get(`/crm/clients/${message.clientId}`), 200, ClientSchema).phoneOptedOut).toBe(true);
    await patiently(async () => {
      expect((await eventsOf(id)).filter(({ type }) => type === 'ContactOptedOut')).toHaveLength(1);
    });
    problemOf(
      await admin.post(`/crm/chats/${message.chatId}/messages`, { text: 'once more', transport: 'sms' }),
      409,
      'contact.opted-out',
    );
  },
);

it('by then nothing has been sent twice', async () => {
  for (const scene of scenes) {
    const received = await scene.received();
    expect(received).toEqual([...new Set(received)]);
  }
});
