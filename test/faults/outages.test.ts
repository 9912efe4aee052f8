import { jest } from '@jest/globals';
import { GetQueueAttributesCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ChannelSchema } from '../../lib/contract/channels.ts';
import { call } from '../../local/http-client.ts';
import { first, problemOf, read } from '../support/answers.ts';
import { simulator } from '../support/client.ts';
import { newPhone, newTwilioCredentials } from '../support/random.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

import { addressOf, postTwilio, smsForm } from '../support/webhooks.ts';
import { newGate, type Gate } from './gate.ts';
import type { Scene } from './support.ts';
import { eventsOf, openSms, patiently, sayToOthers } from './support.ts';

/** What is killed or shut takes its time to come back, on a busy machine above all. */
jest.setTimeout(60_000);

const SENT = ['MessageQueued', 'MessageSent', 'MessageDelivered'];

let stack: TestStack;
let gates: { readonly bus: Gate; readonly queues: Gate; readonly twilio: Gate };

beforeAll(async () => {
  const [bus, queues, twilio] = await Promise.all([newGate(), newGate(), newGate()]);
  gates = { bus, queues, twilio };
  stack = await startTestStack('outages', {
    AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url,
    AWS_ENDPOINT_URL_SQS: queues.url,
    TWILIO_API_BASE: twilio.url,
  });
  const { urls } = stack;
  await Promise.all([bus.open(urls.bus), queues.open(urls.queues), twilio.open(urls.simulator)]);
});

afterAll(async () => {
  await stack.stop();
  await Promise.all(Object.values(gates).map((gate) => gate.shut()));
});

const open = (credentials = newTwilioCredentials()): Promise<Scene> => openSms({ urls: stack.urls }, credentials);

/** All that was announced before is out, so that what follows is the first to meet the fault. */
const openPublished = async (): Promise<Scene> => {
  const scene = await open();
  await patiently(async () => {
    const types = (await eventsOf(scene.tenant.id, stack.urls)).map(({ type }) => type);
    expect(types.toSorted()).toEqual(['ChannelConnected', 'ClientCreated', 'UserCreated']);
  });
  return scene;
};

/** What probes are told: the status of each, and what is said in detail. */
const probe = async () => {
  const ask = (path: string) => call('GET', `${stack.urls.api}/health/${path}`);
  const [live, ready, detailed] = await Promise.all([ask('live'), ask('ready'), ask('detailed')]);
  return { live: live.status, ready: ready.status, detailed: detailed.status, said: detailed.body };
};

it('while the bus is away the stream waits, and goes on in order afterwards', async () => {
  const scene = await openPublished();
  await gates.bus.shut();
  const one = await scene.say('one');
  const degraded = { status: 'degraded', checks: { bus: { status: 'degraded' }, table: { status: 'ok' } } };
  await patiently(async () =>
    expect(await probe()).toMatchObject({ live: 200, ready: 200, detailed: 200, said: degraded }),
  );
  // Its queue is there, so that it goes out; that is all that does.
  await scene.becomes(one, 'delivered');
  const two = await scene.say('two');
  await gates.bus.open(stack.urls.bus);
  await scene.becomes(two, 'delivered');
  for (const message of [one, two]) await scene.announced(message, SENT);
  expect(await scene.received()).toEqual(['one', 'two']);
});

it('while the queues are away the stream waits, and goes on in order afterwards', async () => {
  const scene = await openPublished();
  await gates.queues.shut();
  const messages = [await scene.say('one')];
  await scene.announced(first(messages), ['MessageQueued']);
  for (const text of ['two', 'three']) messages.push(await scene.say(text));
  expect(await scene.received()).toEqual([]);
  const failing = { status: 'failing', checks: { outboundTwilio: { status: 'failing' }, table: { status: 'ok' } } };
  await patiently(async () =>
    expect(await probe()).toMatchObject({ live: 200, ready: 503, detailed: 503, said: failing }),
  );
  await gates.queues.open(stack.urls.queues);
  for (const message of messages) await scene.becomes(message, 'delivered');
  for (const message of messages) await scene.announced(message, SENT);
  expect(await scene.received()).toEqual(['one', 'two', 'three']);
});

it('a queue that forgot everything is filled again by the due job', async () => {
  const scene = await open();
  await scene.fault({ rateLimitRate: 1, retryAfterSeconds: 3, times: 1 });
  const messages = [await scene.say('one'), await scene.say('two')];
  await patiently(async () => expect(await scene.requests('one')).toEqual(['rate-limited']));
  const sqs = new SQSClient({ endpoint: stack.urls.queues });
  const QueueUrl = stack.environment.OUTBOUND_QUEUE_URL_TWILIO;
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  await patiently(async () => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    expect(AttributeNames.map((name) => Number(Attributes[name])).reduce((one, other) => one + other)).toBe(2);
  });
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  for (const message of messages) await scene.becomes(message, 'delivered');
  expect((await scene.received()).toSorted()).toEqual(['one', 'two']);
});

it('a provider that cannot be reached makes its channel fail; when it is back messages go out in order', async () => {
  const scene = await open();
  await gates.twilio.shut();
  const { admin, id } = scene.tenant;
  const channelStatus = async () =>
    read(await admin.get(`/crm/channels/${scene.channel.id}`), 200, ChannelSchema).status;
  const typesOfChannel = async () =>
    (await eventsOf(id, stack.urls)).filter(({ subject }) => subject.type === 'channel').map(({ type }) => type);
  const messages = [await scene.say('one'), await scene.say('two'), ...(await sayToOthers(scene, 2))];
  await patiently(async () => expect(await channelStatus()).toBe('failing'));
  messages.push(await scene.say('three'));
  await gates.twilio.open(stack.urls.simulator);
  for (const message of messages) await scene.becomes(message, 'delivered');
  expect(await scene.received()).toEqual(['one', 'two', 'three']);
  expect(await channelStatus()).toBe('active');
  await patiently(async () =>
    expect(await typesOfChannel()).toEqual(['ChannelConnected', 'ChannelFailing', 'ChannelRecovered']),
  );
});

describe('while the table is away', () => {
  const credentials = newTwilioCredentials();
  const writeTo = async ({ channel }: Scene, Body: string, From = newPhone()) => {
    const form = smsForm({ From, To: channel.address, AccountSid: credentials.accountSid, Body });
    return postTwilio(addressOf(channel), form, credentials.authToken);
  };
  const textsOf = async ({ tenant }: Scene): Promise<(string | undefined)[]> =>
    (await tenant.chats()).map(({ lastMessage }) => lastMessage?.text);

  it('a webhook of a channel in use is taken and shows afterwards; other requests are told to come again', async () => {
    const scene = await open(credentials);
    expect((await writeTo(scene, 'before')).status).toBe(200);
    // The emulator answers some milliseconds before it commits.
    await patiently(async () => {
      const types = (await eventsOf(scene.tenant.id, stack.urls)).map(({ type }) => type);
      expect(types).toContain('MessageReceived');
    });
    await stack.table.stop();
    const answers = await Promise.all([writeTo(scene, 'during'), writeTo(scene, 'during too')]);
    const refused = await scene.tenant.admin.get('/crm/chats');
    const failing = { status: 'failing', checks: { table: { status: 'failing' }, inbound: { status: 'ok' } } };
    await patiently(async () =>
      expect(await probe()).toMatchObject({ live: 200, ready: 503, detailed: 503, said: failing }),
    );
    await stack.table.start();
    await patiently(async () => expect((await probe()).ready).toBe(200));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    problemOf(refused, 503, 'service.unavailable');
    expect(refused.headers.get('retry-after')).not.toBeNull();
    await patiently(async () => {
      expect((await textsOf(scene)).toSorted()).toEqual(['before', 'during', 'during too']);
    });
  });

  it('a webhook of a channel that nobody remembers is refused, and Twilio brings it again', async () => {
    const scene = await open(credentials);
    await stack.functions.kill('SIGKILL');
    const from = newPhone();
    const unanswered = await simulator(stack.urls).inbound({
      provider: 'twilio',
      channelId: scene.channel.id,
      from,
      text: 'persistent',
    });
    expect(unanswered.status).toBe(502);
    await stack.table.stop();
    await stack.functions.start();
    const refused = await writeTo(scene, 'refused');
    await stack.table.start();
    problemOf(refused, 503, 'service.unavailable');
    await patiently(async () => expect(await textsOf(scene)).toEqual(['persistent']));
  });
});

it('functions that are killed while a provider hangs lose no message and send none twice', async () => {
  const [taken, lost, waiting] = await Promise.all([open(), open(), open()]);
  await taken.fault({ acceptThenHangRate: 1, hangMs: 20_000, times: 1, dropCallbacks: 1 });
  await lost.fault({ hangRate: 1, hangMs: 20_000, times: 1 });
  const messages = await Promise.all([taken.say('taken'), lost.say('lost')]);
  await patiently(async () => {
    expect(await taken.requests('taken')).toEqual(['accepted-then-hang']);
    expect(await lost.requests('lost')).toEqual(['hung']);
  });
  const third = await waiting.say('waiting');
  await stack.functions.kill('SIGKILL');
  await stack.functions.start();
  await Promise.all([
    taken.becomes(messages[0], 'sent'),
    lost.becomes(messages[1], 'delivered'),
    waiting.becomes(third, 'delivered'),
  ]);
  expect(await taken.received()).toEqual(['taken']);
  expect(await lost.received()).toEqual(['lost']);
  expect(await waiting.received()).toEqual(['waiting']);
  expect((await call('GET', `${stack.urls.api}/health`)).status).toBe(200);
});
