import { randomUUID } from 'node:crypto';
import { ChannelSchema, type Channel } from '../../lib/contract/channels.ts';
import { ReconciliationSchema, type Reconciliation } from '../../lib/contract/reconciliations.ts';
import { JobIdSchema } from '../../lib/contract/vocabulary.ts';
import { instant } from '../../lib/domain/act.ts';
import { firstPosition } from '../../lib/domain/reconciliation.ts';
import type { JobWorks } from '../../lib/messaging/jobs.ts';
import { runJob } from '../../lib/messaging/jobs.ts';
import { getChannel } from '../../lib/table/channels.ts';
import { startJob } from '../../lib/table/jobs.ts';
import { commit } from '../../lib/table/transaction.ts';
import { read } from './answers.ts';
import { newAct } from './builders.ts';
import { eventually, simulator } from './client.ts';
import { newPhone } from './random.ts';
import { openTenant, type Tenant } from './tenant.ts';

interface Scene {
  readonly tenant: Tenant;
  readonly channel: Channel;
  readonly phone: string;
}

export const open = async (transport: 'sms' | 'whatsapp' = 'sms'): Promise<Scene> => {
  const tenant = await openTenant();
  return { tenant, channel: await tenant.connectTwilio(transport), phone: newPhone() };
};

export const faults = ({ phone }: Scene, set: Record<string, unknown>) =>
  simulator().setFaults({ provider: 'twilio', to: phone, ...set });

export const newSid = (): string => `SM${randomUUID().replaceAll('-', '')}`;

/** The client writes, and the webhook is lost unless said otherwise. */
export const write = async (
  { channel, phone }: Scene,
  text: string,
  fields: Record<string, unknown> = {},
): Promise<void> => {
  const answer = await simulator().inbound({ provider: 'twilio', channelId: channel.id, from: phone, text, ...fields });
  expect(answer.status).toBe(200);
};

const ask = async ({ tenant, channel }: Scene, body?: unknown): Promise<Reconciliation> =>
  read(await tenant.admin.post(`/crm/channels/${channel.id}/reconcile`, body), 202, ReconciliationSchema);

export const latest = async ({ tenant, channel }: Scene): Promise<Reconciliation> =>
  read(await tenant.admin.get(`/crm/channels/${channel.id}/reconciliation`), 200, ReconciliationSchema);

export const isDone = (scene: Scene): Promise<Reconciliation> =>
  eventually(async () => {
    const now = await latest(scene);
    expect(now.state).toBe('done');
    return now;
  }, 25_000);

/** The clock of a list has whole seconds, and what is asked for ends now. */
export const reconcile = async (scene: Scene): Promise<Reconciliation> => {
  await ask(scene);
  return isDone(scene);
};

export const textsOf = async ({ tenant }: Scene): Promise<string[]> =>
  (await tenant.onlyChat()).messages.map(({ text }) => text).toReversed();

export const channelOf = async ({ tenant, channel }: Scene): Promise<Channel> =>
  read(await tenant.admin.get(`/crm/channels/${channel.id}`), 200, ChannelSchema);

export const actIn = ({ tenant }: Scene, seconds = 0) =>
  newAct({ tenant: tenant.id, now: () => new Date(Date.now() + seconds * 1000) });

/** A job of one's own, which nobody else has in hand. */
export const newJobOf = async (scene: Scene, act = actIn(scene)) => {
  const channel = await getChannel(act.tenant, scene.channel.id);
  const position = firstPosition(act, channel, instant(new Date(Date.now() + 1_000)), null);
  const { job, steps } = startJob(act, { kind: 'reconciliation', subjectId: channel.id, position });
  // Without its queue entry.
  await commit(act.tenant, steps.slice(0, 1));
  return job;
};

export const work = async (scene: Scene, jobId: string, works: JobWorks, act = actIn(scene)): Promise<unknown[]> => {
  const errors: unknown[] = [];
  await runJob(act, works, { jobId: JobIdSchema.parse(jobId) }, (_, error) => errors.push(error));
  return errors;
};
