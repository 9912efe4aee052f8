import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { deliver } from '../../lib/messaging/deliver.ts';
import { changeChannel, knownChannels } from '../../lib/table/channels.ts';
import { saveMessage } from '../../lib/table/messages.ts';
import type { MessageRecord } from '../../lib/domain/message.ts';
import { read } from '../support/answers.ts';
import { ChannelSchema } from '../../lib/contract/channels.ts';
import { actIn, channelOf, dispatchOf, plant, recordOf } from './inside.ts';
import { openSms, openTelegram, patiently, type Scene } from './support.ts';

const SENT = ['MessageSent', 'MessageDelivered'];
/** As many as the sender makes before it gives up. */
const MOST_ATTEMPTS = 10;

/** A message whose attempts are all made but one. */
const plantTired = async (scene: Scene, text: string): Promise<MessageRecord> => {
  const message = await plant(scene, text, 1);
  if (message.delivery === null) throw new Error('Not ours.');
  const delivery = { ...message.delivery, attempt: MOST_ATTEMPTS - 1 };
  const next = { ...message, delivery, revision: message.revision + 1 };
  await saveMessage(actIn(scene), message, { next });
  return next;
};

it.concurrent('a message that no queue holds is found by the due job and sent once', async () => {
  const scene = await openSms();
  const message = await plant(scene, 'forgotten', 2);
  await scene.becomes(message, 'delivered');
  await scene.announced(message, SENT);
  expect(await scene.requests('forgotten')).toEqual(['accepted']);
});

it.concurrent('a message that no queue holds is put back in the order in which its chat was written', async () => {
  const scene = await openSms();
  const texts = ['one', 'two', 'three', 'four', 'five', 'six'];
  const planted: MessageRecord[] = [];
  for (const text of texts) planted.push(await plant(scene, text, 3));
  await Promise.all(planted.map((message) => scene.becomes(message, 'delivered')));
  expect(await scene.received()).toEqual(texts);
});

it.concurrent('a message that no queue holds because its queue gave up on it fails, for all to see', async () => {
  const scene = await openSms();
  const message = await plant(scene, 'given up');
  const url = (process.env.OUTBOUND_QUEUE_URL_TWILIO ?? '').replace('Queue', 'DeadLetters');
  await new SQSClient({ endpoint: process.env.AWS_ENDPOINT_URL_SQS ?? '' }).send(
    new SendMessageCommand({
      QueueUrl: url,
      MessageBody: JSON.stringify(dispatchOf(scene, message)),
      MessageGroupId: message.chatId,
      MessageDeduplicationId: message.id,
    }),
  );
  const { error } = await scene.becomes(message, 'failed');
  expect(error?.code).toBe('delivery.exhausted');
  await scene.announced(message, ['MessageFailed']);
});

it.concurrent('attempts are not made without end for a message that Twilio never takes', async () => {
  const scene = await openSms();
  await scene.fault({ errorRate: 1 });
  const message = await plantTired(scene, 'never');
  const { error } = await scene.becomes(message, 'failed');
  expect(error?.code).toBe('delivery.exhausted');
  expect(await scene.requests('never')).toEqual(['error']);
});

it.concurrent('attempts are not made without end for a message that may have arrived each time', async () => {
  const scene = await openTelegram({ onAmbiguous: 'resend' });
  await scene.fault({ acceptThenErrorRate: 1 });
  const message = await plantTired(scene, 'and again');
  await patiently(async () => expect((await recordOf(scene, message.id)).dueAt).toBeNull());
  await scene.becomes(message, 'unknown');
  expect(await scene.received()).toEqual(['and again']);
});

it.concurrent('a channel that goes while messages wait for it fails them, for all to see', async () => {
  const scene = await openSms();
  await scene.fault({ rateLimitRate: 1, retryAfterSeconds: 2, times: 1 });
  const messages = [await scene.say('first'), await scene.say('second')];
  await patiently(async () => expect(await scene.requests('first')).toEqual(['rate-limited']));
  expect((await scene.tenant.admin.delete(`/crm/channels/${scene.channel.id}`)).status).toBe(204);
  for (const message of messages) {
    const { error } = await scene.becomes(message, 'failed');
    expect(error?.code).toBe('channel.disconnected');
  }
  expect(await scene.received()).toEqual([]);
});

// Not concurrent: jest lets nothing be imported, as providers' clients are, once one of several tests is over.
it('a channel that was disabled and is back fails no message, whatever a sender remembers', async () => {
  const scene = await openSms();
  const path = `/crm/channels/${scene.channel.id}`;
  read(await scene.tenant.admin.put(path, { status: 'disabled' }), 200, ChannelSchema);
  expect(await knownChannels(scene.tenant.id)).toMatchObject([{ status: 'disabled' }]);
  read(await scene.tenant.admin.put(path, { status: 'active' }), 200, ChannelSchema);
  const message = await plant(scene, 'back');
  await deliver(actIn(scene), dispatchOf(scene, message));
  await scene.becomes(message, 'delivered');
});

it.concurrent('a message that waits for its channel does not hold up what its chat says on another', async () => {
  const scene = await openSms();
  await scene.tenant.connectTwilio('whatsapp');
  await scene.fault({ rateLimitRate: 1, retryAfterSeconds: 600, times: 1 });
  const waiting = await scene.say('by SMS');
  await patiently(async () => expect(await scene.requests('by SMS')).toEqual(['rate-limited']));
  const content = { contentSid: `HX${'0'.repeat(32)}` };
  const other = await scene.tenant.send(waiting.chatId, { content, transport: 'whatsapp' });
  await scene.becomes(other, 'delivered');
  expect((await scene.tenant.message(waiting)).status).toBe('queued');
});

it.concurrent('a message stays queued when the credentials of its channel cannot be opened', async () => {
  const scene = await openTelegram();
  const channel = await channelOf(scene);
  const broken = { ...channel, sealedCredentials: 'broken', revision: channel.revision + 1 };
  await changeChannel(scene.tenant.id, channel, broken, undefined);
  const message = await plant(scene, 'sealed');
  await expect(deliver(actIn(scene), dispatchOf(scene, message))).rejects.toThrow();
  expect(await recordOf(scene, message.id)).toMatchObject({ status: 'queued', delivery: { attempt: 0 } });
});
