import { randomUUID } from 'node:crypto';
import { ChannelSchema, type Channel } from '../lib/contract/channels.ts';
import { ReconciliationSchema, type Reconciliation } from '../lib/contract/reconciliations.ts';
import { JobIdSchema } from '../lib/contract/vocabulary.ts';
import { instant } from '../lib/domain/act.ts';
import { firstPosition } from '../lib/domain/reconciliation.ts';
import type { JobWorks } from '../lib/messaging/jobs.ts';
import { runJob } from '../lib/messaging/jobs.ts';
import { reconciliationWork } from '../lib/messaging/reconcile.ts';
import { lookAfterChannels, reconcileInTime } from '../lib/messaging/start-reconciliation.ts';
import { changeChannel, getChannel } from '../lib/table/channels.ts';
import { findJob, saveJob, startJob } from '../lib/table/jobs.ts';
import { commit } from '../lib/table/transaction.ts';
import { first, problemOf, read } from './support/answers.ts';
import { newAct } from './support/builders.ts';
import { eventually, simulator } from './support/client.ts';
import { newPhone } from './support/random.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

interface Scene {
  readonly tenant: Tenant;
  readonly channel: Channel;
  readonly phone: string;
}

const open = async (transport: 'sms' | 'whatsapp' = 'sms'): Promise<Scene> => {
  const tenant = await openTenant();
  return { tenant, channel: await tenant.connectTwilio(transport), phone: newPhone() };
};

const faults = ({ phone }: Scene, set: Record<string, unknown>) =>
  simulator().setFaults({ provider: 'twilio', to: phone, ...set });

const newSid = (): string => `SM${randomUUID().replaceAll('-', '')}`;

/** The client writes, and the webhook is lost unless said otherwise. */
const write = async ({ channel, phone }: Scene, text: string, fields: Record<string, unknown> = {}): Promise<void> => {
  const answer = await simulator().inbound({ provider: 'twilio', channelId: channel.id, from: phone, text, ...fields });
  expect(answer.status).toBe(200);
};

const ask = async ({ tenant, channel }: Scene, body?: unknown): Promise<Reconciliation> =>
  read(await tenant.admin.post(`/crm/channels/${channel.id}/reconcile`, body), 202, ReconciliationSchema);

const latest = async ({ tenant, channel }: Scene): Promise<Reconciliation> =>
  read(await tenant.admin.get(`/crm/channels/${channel.id}/reconciliation`), 200, ReconciliationSchema);

const isDone = (scene: Scene): Promise<Reconciliation> =>
  eventually(async () => {
    const now = await latest(scene);
    expect(now.state).toBe('done');
    return now;
  }, 25_000);

/** The clock of a list has whole seconds, and what is asked for ends now. */
const reconcile = async (scene: Scene): Promise<Reconciliation> => {
  await ask(scene);
  return isDone(scene);
};

const textsOf = async ({ tenant }: Scene): Promise<string[]> =>
  (await tenant.onlyChat()).messages.map(({ text }) => text).toReversed();

const channelOf = async ({ tenant, channel }: Scene): Promise<Channel> =>
  read(await tenant.admin.get(`/crm/channels/${channel.id}`), 200, ChannelSchema);

const actIn = ({ tenant }: Scene, seconds = 0) =>
  newAct({ tenant: tenant.id, now: () => new Date(Date.now() + seconds * 1000) });

/** A job of one's own, which nobody else has in hand. */
const newJobOf = async (scene: Scene, act = actIn(scene)) => {
  const channel = await getChannel(act.tenant, scene.channel.id);
  const position = firstPosition(act, channel, instant(new Date(Date.now() + 1_000)), null);
  const { job, steps } = startJob(act, { kind: 'reconciliation', subjectId: channel.id, position });
  // Without its queue entry.
  await commit(act.tenant, steps.slice(0, 1));
  return job;
};

const work = async (scene: Scene, jobId: string, works: JobWorks, act = actIn(scene)): Promise<unknown[]> => {
  const errors: unknown[] = [];
  await runJob(act, works, { jobId: JobIdSchema.parse(jobId) }, (_, error) => errors.push(error));
  return errors;
};

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

  it('beside another one brings nothing in twice', async () => {
    const scene = await open();
    await faults(scene, { dropInbound: true });
    for (let index = 0; index < 5; index += 1) await write(scene, `text ${index}`);
    const jobs = [await newJobOf(scene), await newJobOf(scene)];
    let found = 0;
    const works = { reconciliation: reconciliationWork((some) => (found += some)) };
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
