import { callProvider, claimMessage } from '../../lib/messaging/attempt.ts';
import { deliver } from '../../lib/messaging/deliver.ts';
import { timed } from '../../lib/messaging/calls.ts';
import { recordOutcome } from '../../lib/messaging/outcome.ts';
import { providerOf } from '../../lib/messaging/provider-access.ts';
import type { MessageRecord } from '../../lib/domain/message.ts';
import { actIn, channelOf, dispatchOf, plant, recordOf } from './inside.ts';
import { openSms, openTelegram, type Scene } from './support.ts';

/** A sender takes the message. */
const claim = async (scene: Scene, message: MessageRecord) => {
  const claimed = await claimMessage(actIn(scene), dispatchOf(scene, message));
  if (claimed === undefined || claimed === 'refused') throw new Error('The message was not there to be taken.');
  return claimed;
};

/** A sender takes the message, calls the provider, and is gone before it can say what came of it. */
const claimAndCall = async (scene: Scene, message: MessageRecord): Promise<void> => {
  const { message: taken } = await claim(scene, message);
  const channel = await channelOf(scene);
  const outcome = await callProvider(await providerOf(scene.tenant.id, channel), channel, taken);
  expect(outcome.kind).toBe('accepted');
};

interface Prepared {
  readonly scene: Scene;
  readonly message: MessageRecord;
}

const prepare = async (open: () => Promise<Scene>, text: string): Promise<Prepared> => {
  const scene = await open();
  return { scene, message: await plant(scene, text) };
};

const prepareTwins = async () => {
  const scene = await openSms();
  await scene.fault({ dropCallbacks: 1 });
  const [one, other] = [await plant(scene, 'ok'), await plant(scene, 'ok')];
  await Promise.all([claim(scene, one), claimAndCall(scene, other)]);
  return { scene, messages: [one, other] };
};

const prepareCalled = async (open: () => Promise<Scene>, faults: Readonly<Record<string, unknown>>) => {
  const prepared = await prepare(open, 'called');
  await prepared.scene.fault(faults);
  await claimAndCall(prepared.scene, prepared.message);
  return prepared;
};

const prepareClaimed = async (open: () => Promise<Scene>) => {
  const prepared = await prepare(open, 'claimed');
  return { ...prepared, claimed: await claim(prepared.scene, prepared.message) };
};

const prepareContested = async () => {
  const { scene, message } = await prepare(openSms, 'contested');
  const all = Array.from({ length: 20 }, () => deliver(actIn(scene), dispatchOf(scene, message)));
  return { scene, message, handled: await Promise.all(all) };
};

/** Everybody dies at once, so that what heals heals side by side. */
const prepareAll = async () => {
  const [claimed, called, calledBack, claimedBot, calledBot, twins, contested] = await Promise.all([
    prepareClaimed(openSms),
    prepareCalled(openSms, { dropCallbacks: 1 }),
    prepareCalled(openSms, {}),
    prepareClaimed(openTelegram),
    prepareCalled(openTelegram, {}),
    prepareTwins(),
    prepareContested(),
  ]);
  return { claimed, called, calledBack, claimedBot, calledBot, twins, contested };
};

let all: Awaited<ReturnType<typeof prepareAll>>;

beforeAll(async () => {
  all = await prepareAll();
});

describe('a sender that dies', () => {
  it('before it calls Twilio leaves a message that is sent once by another', async () => {
    const { scene, message } = all.claimed;
    await scene.becomes(message, 'delivered');
    expect(await scene.requests('claimed')).toEqual(['accepted']);
    await scene.announced(message, ['MessageUnknown', 'MessageQueued', 'MessageSent', 'MessageDelivered']);
  });

  it('after it called Twilio leaves a message that is found there', async () => {
    const { scene, message } = all.called;
    const { providerMessageId } = await scene.becomes(message, 'sent');
    expect(providerMessageId).toMatch(/^SM/);
    expect(await scene.requests('called')).toEqual(['accepted']);
    await scene.announced(message, ['MessageUnknown', 'MessageSent']);
  });

  it('after it called Twilio leaves a message that a callback settles', async () => {
    const { scene, message } = all.calledBack;
    await scene.becomes(message, 'delivered');
    expect(await scene.requests('called')).toEqual(['accepted']);
    await scene.announced(message, ['MessageSent', 'MessageDelivered']);
  });

  it('before it calls Telegram leaves a message that shows as unknown, and can be sent again', async () => {
    const { scene, message } = all.claimedBot;
    const unknown = await scene.becomes(message, 'unknown');
    expect(await scene.received()).toEqual([]);
    await scene.becomes(await scene.resend(unknown), 'sent');
    expect(await scene.received()).toEqual(['claimed']);
  });

  it('after it called Telegram leaves a message that shows as unknown', async () => {
    const { scene, message } = all.calledBot;
    await scene.becomes(message, 'unknown');
    expect(await scene.received()).toEqual(['called']);
  });

  it('with two messages of one text gets neither lost nor sent twice', async () => {
    const { scene, messages } = all.twins;
    const settled = await Promise.all(messages.map((message) => scene.becomes(message, 'sent')));
    expect(new Set(settled.map(({ providerMessageId }) => providerMessageId)).size).toBe(2);
    expect(await scene.received()).toEqual(['ok', 'ok']);
  });
});

it.each([
  ['accepted', { kind: 'accepted', providerMessageId: `SM${'0'.repeat(32)}` }],
  ['rate-limited', { kind: 'rate-limited', retryAfterSeconds: 1, scope: 'chat' }],
  ['refused', { kind: 'refused', code: '21211', detail: 'No such number.', optedOut: false }],
  ['unreachable', { kind: 'unreachable', detail: 'no connection' }],
  ['ambiguous', { kind: 'ambiguous', detail: 'no usable answer' }],
] as const)('a sender that is late cannot undo what another has done since: %s', async (_, outcome) => {
  const { scene, message, claimed } = all.claimed;
  const delivered = await scene.becomes(message, 'delivered');
  const { call } = await timed(actIn(scene), claimed.message, () => Promise.resolve(outcome));
  await recordOutcome(actIn(scene), await channelOf(scene), { ...claimed, call }, outcome);
  expect(await scene.tenant.message(message)).toEqual(delivered);
  expect(await scene.received()).toEqual(['claimed']);
});

it('many senders with the same message send it once', async () => {
  const { scene, message, handled } = all.contested;
  expect(handled.filter(({ done }) => done).length).toBeGreaterThan(0);
  await scene.becomes(message, 'delivered');
  expect(await scene.requests('contested')).toEqual(['accepted']);
  expect((await recordOf(scene, message.id)).delivery?.attempt).toBe(1);
});
