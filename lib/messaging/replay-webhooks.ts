import type * as z from 'zod';
import type { ReplayInputSchema } from '../contract/webhook-endpoints.ts';
import { WebhookEndpointIdSchema, type EventId, type WebhookEndpointId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import { Failure, notFound } from '../domain/failure.ts';
import type { JobRecord } from '../domain/job.ts';
import { isSettled, replayed, type WebhookDeliveryRecord } from '../domain/webhook-delivery.ts';
import type { WebhookEndpointRecord } from '../domain/webhook-endpoint.ts';
import { ReplayPositionSchema } from '../domain/webhook-replay.ts';
import { startJob } from '../table/jobs.ts';
import { commit, Raced, untilUndisturbed, type Step } from '../table/transaction.ts';
import { findDeliveredEvent, findDelivery, queueDelivery, walkDeliveries } from '../table/webhook-deliveries.ts';
import { findWebhookEndpoint, getWebhookEndpoint } from '../table/webhook-endpoints.ts';
import { deliveryLookSeconds } from './delivery-look.ts';
import type { JobStep, JobWork } from './jobs.ts';

/** @throws Failure `webhook.disabled` */
const requireActive = ({ status }: WebhookEndpointRecord): void => {
  if (status !== 'active') throw new Failure('webhook.disabled', 'Have the endpoint go on first.');
};

/**
 * Has an event delivered again, under the same id; one that is to be delivered anyway is tried at once. Three reads and one
 * transaction.
 *
 * @throws Failure `resource.not-found`, `webhook.disabled`, `webhook.event-gone`
 */
export const replayDelivery = (
  act: Act,
  endpointId: WebhookEndpointId,
  id: EventId,
  remember: (delivery: WebhookDeliveryRecord) => readonly Step[],
): Promise<WebhookDeliveryRecord> =>
  untilUndisturbed(async () => {
    const endpoint = await getWebhookEndpoint(act.tenant, endpointId);
    const before = await findDelivery(act.tenant, endpointId, id);
    if (before === undefined) throw notFound();
    requireActive(endpoint);
    if ((await findDeliveredEvent(act, before)) === undefined) {
      throw new Failure('webhook.event-gone', 'Events are kept for a week, and no longer than whom they are about.');
    }
    const after = replayed(act, before, deliveryLookSeconds());
    await queueDelivery(act, before, after, remember(after));
    return after;
  });

/**
 * Starts to deliver again what a filter finds. One read and one transaction.
 *
 * @throws Failure `resource.not-found`, `webhook.disabled`
 */
export const startReplay = async (
  act: Act,
  endpointId: WebhookEndpointId,
  input: z.infer<typeof ReplayInputSchema>,
  remember: (job: JobRecord) => readonly Step[],
): Promise<JobRecord> => {
  requireActive(await getWebhookEndpoint(act.tenant, endpointId));
  // What happens from now on is delivered anyway, and what it replays itself does not come by again.
  const now = instant(act.now());
  const to = input.to === undefined || input.to > now ? now : input.to;
  const position = { filter: { ...input, to }, after: null };
  const { job, steps } = startJob(act, { kind: 'webhook-replay', subjectId: endpointId, position });
  await commit(act.tenant, [...remember(job), ...steps]);
  return job;
};

/** @returns whether it is delivered again: not when its event is gone, or somebody else sees to it */
const replayOne = async (act: Act, before: WebhookDeliveryRecord): Promise<boolean> => {
  if (!isSettled(before) || (await findDeliveredEvent(act, before)) === undefined) return false;
  try {
    await queueDelivery(act, before, replayed(act, before, deliveryLookSeconds()));
    return true;
  } catch (error) {
    if (error instanceof Raced) return false;
    throw error;
  }
};

const MOST = 25;

const step = async (act: Act, job: JobRecord): Promise<JobStep> => {
  const position = ReplayPositionSchema.parse(job.position);
  const endpoint = await findWebhookEndpoint(act.tenant, WebhookEndpointIdSchema.parse(job.subjectId));
  if (endpoint?.status !== 'active') return { next: 'done', position };
  const { deliveries, next } = await walkDeliveries(act, endpoint.id, position.filter, position.after, MOST);
  let { done } = job.progress;
  for (const delivery of deliveries) done += (await replayOne(act, delivery)) ? 1 : 0;
  return {
    next: next === undefined ? 'done' : 'go-on',
    position: { ...position, after: next ?? position.after },
    progress: { done, total: null },
  };
};

/** Has one delivery after the other made again, that of the oldest event first. */
export const replayWork: JobWork = { step };
