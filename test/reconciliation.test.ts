import { randomUUID } from 'node:crypto';
import { DeadLetterSchema } from '../lib/contract/dead-letters.ts';
import { ReconciliationSchema } from '../lib/contract/reconciliations.ts';
import type { Act } from '../lib/domain/act.ts';
import type { JobWorks } from '../lib/messaging/jobs.ts';
import { reconciliationWork } from '../lib/messaging/reconcile.ts';
import { lookAfterChannels, reconcileInTime } from '../lib/messaging/start-reconciliation.ts';
import { changeChannel, getChannel } from '../lib/table/channels.ts';
import { findJob, saveJob } from '../lib/table/jobs.ts';
import { first, problemOf, read } from './support/answers.ts';
import { eventually, simulator } from './support/client.ts';
import {
  actIn,
  channelOf,
  faults,
  isDone,
  latest,
  newJobOf,
  newSid,
  open,
  reconcile,
  textsOf,
  work,
  write,
} from './support/reconciling.ts';
import { deadLettersOf } from './support/table.ts';
import { openTenant } from './support/tenant.ts';

afterAll(() => simulator().clearFaults());

describe('what clients wrote while no webhook came', () => {
  it('is found, once, in order and with its files, and a webhook that comes late changes nothing', async () => {
    const scene = await open();
    await write(scene, 'here');
    await faults(scene, { dropInbound: true });
    const sid = newSid();
    await write(scene, 'lost one', { sid });
    await write(scene, 'lost two', { media: [{ name: 'a.png', contentType: 'image/png', base64: 'iVBORw0KGgo=' }] });
    await write(scene, 'lost three');
    expect(await textsOf(scene)).toEqual(['here']);
    expect(await reconcile(scene)).toMatchObject({ found: { messages: 3, reports: 0 }, error: null });
    expect(await textsOf(scene)).toEqual(['here', 'lost one', 'lost two', 'lost three']);
    const { messages, unreadCount } = await scene.tenant.onlyChat();
    expect(unreadCount).toBe(4);
    expect(messages[1]?.attachments).toMatchObject([{ name: 'attachment-1.png' }]);
    expect(messages[0]?.providerTime).not.toBeNull();
    expect((await channelOf(scene)).reconciliation).toMatchObject({ messages: 3, reports: 0 });

    await faults(scene, {});
    await write(scene, 'lost one', { sid, times: 3 });
    expect(await reconcile(scene)).toMatchObject({ found: { messages: 0, reports: 0 } });
    expect(await textsOf(scene)).toEqual(['here', 'lost one', 'lost two', 'lost three']);
    expect((await channelOf(scene)).reconciliation).toMatchObject({ messages: 3, reports: 0 });
  });

  it('makes clients, and counts as their word where it is one', async () => {
    const scene = await open();
    await faults(scene, { dropInbound: true });
    await write(scene, 'STOP');
    await reconcile(scene);
    const chat = await scene.tenant.onlyChat();
    const answer = await scene.tenant.admin.post(`/crm/chats/${chat.id}/messages`, { text: 'Hi' });
    problemOf(answer, 409, 'contact.opted-out');
  });

  it('never undo what the client has said since', async () => {
    const scene = await open();
    await write(scene, 'Salom');
    await faults(scene, { dropInbound: true });
    await write(scene, 'START');
    await faults(scene, {});
    await write(scene, 'STOP');
    const later = actIn(scene, 120);
    const { id } = await newJobOf(scene, later);
    await work(scene, id, { reconciliation: reconciliationWork() }, later);
    const chat = await scene.tenant.onlyChat();
    expect(chat.messages.map(({ text }) => text)).toContain('START');
    const answer = await scene.tenant.admin.post(`/crm/chats/${chat.id}/messages`, { text: 'Hi' });
    problemOf(answer, 409, 'contact.opted-out');
  });

  it('is the channel’s own, though another has the same number or the same account', async () => {
    const scene = await open('whatsapp');
    const other = await openTenant();
    const neighbour = await other.connectTwilio('sms', undefined, scene.channel.address);
    await faults(scene, { dropInbound: true });
    await write(scene, 'to WhatsApp');
    await write({ ...scene, channel: neighbour }, 'by SMS');
    await reconcile({ tenant: other, channel: neighbour, phone: scene.phone });
    expect(await textsOf({ ...scene, tenant: other })).toEqual(['by SMS']);
    expect(await scene.tenant.chats()).toEqual([]);
    await reconcile(scene);
    expect(await textsOf(scene)).toEqual(['to WhatsApp']);
  });
});

it('what became of our messages is found where no callback told it', async () => {
  const scene = await open();
  const undeliverable = '+15005550011';
  await faults(scene, { dropCallbacks: true, callbackDelayMs: 5 });
  await simulator().setFaults({ provider: 'twilio', to: undeliverable, dropCallbacks: true, callbackDelayMs: 5 });
  const send = async (phone: string) => {
    const { id } = await scene.tenant.addClient({ phone });
    return scene.tenant.becomes(await scene.tenant.send(id, { text: 'Salom', transport: 'sms' }), 'sent');
  };
  const [one, other] = [await send(scene.phone), await send(undeliverable)];
  const found = await eventually(async () => {
    await reconcile(scene);
    const { reconciliation } = await channelOf(scene);
    expect(reconciliation?.reports).toBe(2);
    return reconciliation;
  });
  expect(found?.messages).toBe(0);
  expect(await scene.tenant.message(one)).toMatchObject({ status: 'delivered' });
  expect(await scene.tenant.message(other)).toMatchObject({ status: 'failed', error: { code: '30003' } });
});

describe('a reconciliation', () => {
  it('goes on where it was broken off', async () => {
    const scene = await open();
    await faults(scene, { dropInbound: true });
    for (let index = 0; index < 27; index += 1) await write(scene, `text ${index}`);
    const { id } = await newJobOf(scene);
    const act = actIn(scene);
    const real = reconciliationWork();
    let steps = 0;
    const dying: JobWorks = {
      reconciliation: {
        step: async (its, job) => {
          steps += 1;
          if (steps === 2) throw new Error('The power is gone.');
          return real.step(its, job);
        },
      },
    };
    await work(scene, id, dying);
    const broken = await findJob(act.tenant, id);
    if (broken === undefined) throw new Error('The job is gone.');
    expect(broken).toMatchObject({ state: 'queued', failures: 1 });
    // Its time to wait is over.
    await saveJob(act, broken, { ...broken, waitsUntil: null, revision: broken.revision + 1 });
    await work(scene, id, { reconciliation: real });
    expect((await findJob(act.tenant, id))?.state).toBe('done');
    const { messages } = await scene.tenant.onlyChat();
    const texts = messages.map(({ text }) => text).toReversed();
    expect(texts).toEqual(Array.from({ length: 27 }, (_, index) => `text ${index}`));
    expect((await channelOf(scene)).reconciliation).toMatchObject({ messages: 27 });
  });

  it('keeps what cannot be taken in as a dead letter, once, and goes on; what is away for a moment makes it wait', async () => {
    const scene = await open();
    await faults(scene, { dropInbound: true });
    await write(scene, 'one');
    await write(scene, 'two');
    /** A work for which the first thing that it is to make an id for goes wrong. */
    const failing = (error: Error): JobWorks => {
      let errors = [error];
      const newId = (its: Act) => (): string => {
        const [next] = errors;
        errors = [];
        if (next !== undefined) throw next;
        return its.newId();
      };
      const real = reconciliationWork();
      return { reconciliation: { step: (its, job) => real.step({ ...its, newId: newId(its) }, job) } };
    };
    const { id: waiting } = await newJobOf(scene);
    const away = Object.assign(new Error('Too fast'), { name: 'ThrottlingException' });
    expect(await work(scene, waiting, failing(away))).toEqual([away]);
    expect(await findJob(scene.tenant.id, waiting)).toMatchObject({ state: 'queued', failures: 1 });
    expect(await deadLettersOf(scene.tenant.id)).toEqual([]);

    const wrong = new TypeError('It cannot be read.');
    for (const found of [
      { messages: 1, kept: 1 },
      { messages: 0, kept: 1 },
    ]) {
      const { id } = await newJobOf(scene);
      expect(await work(scene, id, failing(wrong))).toEqual([wrong]);
      expect(await findJob(scene.tenant.id, id)).toMatchObject({ state: 'done', failures: 0, position: found });
    }
    expect(await textsOf(scene)).toEqual(['two']);
    expect((await channelOf(scene)).reconciliation?.lastReconciledAt).toBeDefined();
    const letter = first(await deadLettersOf(scene.tenant.id));
    expect(letter).toMatchObject({ source: 'webhook', origin: 'twilio', count: 1 });
    read(await scene.tenant.admin.post(`/crm/dead-letters/${String(letter.id)}/redrive`), 202, DeadLetterSchema);
    await eventually(async () => expect(await textsOf(scene)).toEqual(['two', 'one']));
  });

  it('beside another one brings nothing in twice', async () => {
    const scene = await open();
    await faults(scene, { dropInbound: true });
    for (let index = 0; index < 5; index += 1) await write(scene, `text ${index}`);
    const jobs = [await newJobOf(scene), await newJobOf(scene)];
    let found = 0;
    const works = { reconciliation: reconciliationWork({ onFound: (some) => (found += some) }) };
    await Promise.all(jobs.map(({ id }) => work(scene, id, works)));
    expect(found).toBe(5);
    expect(await textsOf(scene)).toEqual(Array.from({ length: 5 }, (_, index) => `text ${index}`));
  });

  it('that is under way is not started a second time, and one is started in time by itself', async () => {
    const scene = await open();
    const key = { 'idempotency-key': randomUUID() };
    const path = `/crm/channels/${scene.channel.id}/reconcile`;
    const [one, again] = [
      read(await scene.tenant.admin.post(path, {}, key), 202, ReconciliationSchema),
      read(await scene.tenant.admin.post(path, {}, key), 202, ReconciliationSchema),
    ];
    expect(again.id).toBe(one.id);
    await isDone(scene);
    const act = actIn(scene);
    const channel = await getChannel(act.tenant, scene.channel.id);
    expect(channel.dueAt).not.toBeNull();
    await reconcileInTime(act, channel);
    await eventually(async () => expect((await latest(scene)).id).not.toBe(one.id));
    await isDone(scene);
  });

  it('is begun for a channel that nobody looks after', async () => {
    const scene = await open();
    const act = actIn(scene);
    const channel = await getChannel(act.tenant, scene.channel.id);
    await changeChannel(act.tenant, channel, { ...channel, dueAt: null, revision: channel.revision + 1 }, undefined);
    await Promise.all([lookAfterChannels(act), lookAfterChannels(act)]);
    const dueAt = (await getChannel(act.tenant, channel.id)).dueAt ?? '';
    expect(Date.parse(dueAt)).toBeGreaterThan(Date.now() + 600_000);
    await lookAfterChannels(actIn(scene, 60));
    expect((await getChannel(act.tenant, channel.id)).dueAt).toBe(dueAt);
  });

  it('is refused to whoever may not manage channels, for other tenants, and for a bot', async () => {
    const scene = await open();
    const path = `/crm/channels/${scene.channel.id}/reconcile`;
    problemOf(await (await scene.tenant.as('agent')).post(path), 403, 'permission.missing');
    problemOf(await (await openTenant()).admin.post(path), 404, 'resource.not-found');
    problemOf(
      await (await openTenant()).admin.get(`/crm/channels/${scene.channel.id}/reconciliation`),
      404,
      'resource.not-found',
    );
    problemOf(
      await scene.tenant.admin.get(`/crm/channels/${scene.channel.id}/reconciliation`),
      404,
      'resource.not-found',
    );
    problemOf(await scene.tenant.admin.post(path, { since: 'yesterday' }), 400, 'request.invalid');
    const bot = await scene.tenant.connectTelegram();
    problemOf(await scene.tenant.admin.post(`/crm/channels/${bot.id}/reconcile`), 422, 'channel.not-reconcilable');
    expect(first(await Promise.all([channelOf(scene)])).reconciliation).toBeNull();
  });
});
