import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { handler as receiveParked } from '../../functions/workers/receive-parked.ts';
import { Failure } from '../../lib/domain/failure.ts';
import { handleOrKeep, type Arrived } from '../../lib/messaging/webhook.ts';
import { isPassing } from '../../lib/domain/passing.ts';
import { now } from '../../lib/runtime/worker.ts';
import { sharedUrls } from '../support/client.ts';
import { newPhone, newTelegramUser, newTwilioCredentials, unique } from '../support/random.ts';
import { openTenant } from '../support/tenant.ts';
import { addressOf, smsForm } from '../support/webhooks.ts';
import { eventsOf, patiently, Scene } from './support.ts';

const emptyAttributes = {
  ApproximateReceiveCount: '1',
  SentTimestamp: '0',
  SenderId: '',
  ApproximateFirstReceiveTimestamp: '0',
};

/** Somebody whom nobody knows yet. */
const openStranger = async (provider: 'twilio' | 'telegram'): Promise<Scene> => {
  const tenant = await openTenant();
  const channel = provider === 'twilio' ? await tenant.connectTwilio('sms') : await tenant.connectTelegram();
  const to = provider === 'twilio' ? newPhone() : String(newTelegramUser());
  return new Scene({ urls: sharedUrls(), tenant, channel, to, chatId: '' });
};

const all200 = (statuses: readonly number[]): void => expect([...new Set(statuses)]).toEqual([200]);

describe.each(['twilio', 'telegram'] as const)('a webhook of %s', (provider) => {
  it('that comes thirty times at once, and once more later, is one message', async () => {
    const scene = await openStranger(provider);
    const identity = provider === 'twilio' ? { sid: unique('SM') } : { updateId: 4711 };
    all200(await scene.hear('Hello', { ...identity, times: 30 }));
    all200(await scene.hear('Hello', identity));
    const chat = await scene.tenant.onlyChat();
    expect(chat).toMatchObject({ unreadCount: 1, messages: [{ text: 'Hello' }] });
    await patiently(async () => {
      const types = (await eventsOf(scene.tenant.id)).map(({ type }) => type);
      // The first is of whoever connected the channel.
      expect(types).toEqual(['UserCreated', 'ChannelConnected', 'ClientCreated', 'ChatCreated', 'MessageReceived']);
    });
  });

  it('is taken, though forty others of the same stranger come at once', async () => {
    const scene = await openStranger(provider);
    const texts = Array.from({ length: 40 }, (_, index) => `text ${String(index).padStart(2, '0')}`);
    const statuses = await Promise.all(texts.map((text) => scene.hear(text)));
    all200(statuses.flat());
    const chat = await patiently(async () => {
      const found = await scene.tenant.onlyChat();
      expect(found.unreadCount).toBe(40);
      return found;
    });
    expect(chat.messages.map(({ text }) => text).toSorted()).toEqual(texts);
    expect(chat.messages.map(({ id }) => id)).toEqual(
      chat.messages
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
  });
});

it('is parked and taken a moment later when too many write to its chat at once', async () => {
  const credentials = newTwilioCredentials();
  const tenant = await openTenant();
  const channel = await tenant.connectTwilio('sms', credentials);
  const form = smsForm({ From: newPhone(), To: channel.address, AccountSid: credentials.accountSid, Body: 'Patience' });
  const url = addressOf(channel);
  const arrived: Arrived = {
    provider: 'twilio',
    kind: 'message',
    channelId: channel.id,
    path: new URL(url).pathname,
    headers: { 'x-twilio-signature': getExpectedTwilioSignature(credentials.authToken, url, form) },
    body: new URLSearchParams(form).toString(),
    requestId: 'a-test',
    receivedAt: new Date().toISOString(),
  };
  const contended = (): never => {
    throw new Failure('write.contended', 'Too many.');
  };
  expect(await handleOrKeep({ now, newId: contended }, arrived, isPassing, () => undefined)).toBe('parked');
  await patiently(async () => expect((await tenant.onlyChat()).messages).toMatchObject([{ text: 'Patience' }]));
});

it('that was parked and is refused later is not dropped', async () => {
  const arrived = { provider: 'twilio', kind: 'message', path: '/crm/webhooks/twilio', requestId: 'a-test' };
  const body = JSON.stringify({ ...arrived, headers: {}, body: 'AccountSid=AC0&To=%2B1' });
  const record = { messageId: 'parked', body, receiptHandle: '', attributes: emptyAttributes, messageAttributes: {} };
  const source = { md5OfBody: '', eventSource: 'aws:sqs', eventSourceARN: '', awsRegion: '' };
  const answer = await receiveParked({ Records: [{ ...record, ...source }] });
  expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'parked' }]);
});
