import type { Message } from '../../lib/contract/messages.ts';
import { simulator } from '../support/client.ts';
import { eventsOf, openSms, patiently, type Scene } from './support.ts';

const SENT = ['MessageQueued', 'MessageSent', 'MessageDelivered'];

const sayAll = async (scene: Scene, count: number): Promise<Message[]> => {
  const messages: Message[] = [];
  for (let index = 0; index < count; index += 1) messages.push(await scene.say(`text ${index}`));
  return messages;
};

it.concurrent('callbacks that come before the answer to the call end in the same state as those after it', async () => {
  const scene = await openSms();
  // All of them are there long before the answer, and the answer comes before the call is given up.
  await scene.fault({ acceptThenHangRate: 1, hangMs: 1_500, times: 1, callbackDelayMs: 50 });
  const message = await scene.say('early');
  const early = await scene.becomes(message, 'delivered');
  await patiently(async () => expect((await scene.tenant.message(message)).sentAt).not.toBeNull());
  await scene.say('afterwards');
  await patiently(async () => expect(await scene.received()).toEqual(['early', 'afterwards']));
  const late = await scene.tenant.message(message);
  expect(late).toMatchObject({ status: 'delivered', error: null, providerMessageId: early.providerMessageId });
  expect(late.providerMessageId).toMatch(/^SM/);
  await scene.announced(message, SENT);
});

it.concurrent('callbacks in any order, each of them twice, end in the same state', async () => {
  const scene = await openSms();
  await scene.fault({ shuffleCallbacks: 1, duplicateCallbacks: 1, callbackDelayMs: 20 });
  const messages = await sayAll(scene, 12);
  for (const message of messages) {
    const delivered = await scene.becomes(message, 'delivered');
    await patiently(async () => expect((await scene.tenant.message(message)).sentAt).not.toBeNull());
    expect(delivered.deliveredAt).not.toBeNull();
    expect(delivered.error).toBeNull();
  }
  expect(await scene.received()).toEqual(messages.map(({ text }) => text));
  await patiently(async () => {
    const events = await eventsOf(scene.tenant.id);
    for (const { id } of messages) {
      const types = events.filter(({ subject }) => subject.id === id).map(({ type }) => type);
      expect(types.filter((type) => type === 'MessageDelivered')).toHaveLength(1);
      expect(types).toEqual([...new Set(types)]);
    }
  });
});

it.concurrent('callbacks that never come leave a message sent', async () => {
  const scene = await openSms();
  await scene.fault({ dropCallbacks: 1, callbackDelayMs: 20 });
  const messages = await sayAll(scene, 3);
  await patiently(async () => {
    expect((await scene.outbox()).map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered']);
  });
  for (const message of messages) {
    await scene.becomes(message, 'sent');
    await scene.announced(message, ['MessageQueued', 'MessageSent']);
  }
});

it.concurrent('a report that the message could not be delivered fails it after it was sent', async () => {
  const scene = await openSms({ to: '+15005550011' });
  const message = await scene.say('nobody there');
  const { error, sentAt } = await scene.becomes(message, 'failed');
  expect(error?.code).toBe('30003');
  expect(sentAt).not.toBeNull();
  await scene.announced(message, ['MessageQueued', 'MessageSent', 'MessageFailed']);
});

afterAll(() => simulator().clearFaults());
