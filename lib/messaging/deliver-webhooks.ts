import { openCredentials } from '../cloud/keys.ts';
import { postWebhook } from '../cloud/post-webhook.ts';
import { environment } from '../config/environment.ts';
import type { WebhookAttempt } from '../contract/webhook-endpoints.ts';
import type { EventId, WebhookEndpointId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import { Failure, notFound } from '../domain/failure.ts';
import { webhookEndpointEvent } from '../domain/occurrence.ts';
import {
  claimed,
  givenUp,
  isHeld,
  nextTurn,
  replayed,
  tried,
  type WebhookDeliveryRecord,
} from '../domain/webhook-delivery.ts';
import { afterAttempt, signingSecrets, type WebhookEndpointRecord } from '../domain/webhook-endpoint.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { announce } from '../table/outbox.ts';
import { Raced, untilUndisturbed, type Step } from '../table/transaction.ts';
import { findDeliveredEvent, findDelivery, saveDelivery } from '../table/webhook-deliveries.ts';
import { endpointChange, findWebhookEndpoint, getWebhookEndpoint } from '../table/webhook-endpoints.ts';
import { SecretSchema } from './webhook-secrets.ts';

const call = async (act: Act, endpoint: WebhookEndpointRecord, event: DomainEvent): Promise<WebhookAttempt> => {
  const at = act.now();
  const secrets = await Promise.all(
    signingSecrets(endpoint, instant(at)).map(async ({ sealed }) =>
      SecretSchema.parse(await openCredentials({ tenant: act.tenant, channel: endpoint.id }, sealed)),
    ),
  );
  const { status, error } = await postWebhook({
    url: endpoint.url,
    id: event.id,
    at,
    body: JSON.stringify(event),
    secrets,
    timeoutMs: environment().PROVIDER_TIMEOUT_SECONDS * 1000,
  });
  return { at: instant(at), durationMs: act.now().getTime() - at.getTime(), status, error };
};

/** What an attempt makes of its endpoint, as it is now: that it fails, or is told no more. */
const endpointSteps = async (act: Act, id: WebhookEndpointId, attempt: WebhookAttempt): Promise<Step[]> => {
  const before = await findWebhookEndpoint(act.tenant, id);
  if (before === undefined) return [];
  const after = afterAttempt(act, before, attempt);
  if (after === before) return [];
  const isDisabled = after.status !== before.status;
  return [
    endpointChange(act.tenant, before, after),
    ...(isDisabled ? [announce(webhookEndpointEvent(act, 'WebhookEndpointDisabled', after, before))] : []),
  ];
};

/** Whoever holds it by then has its own attempt to tell of. */
const record = (act: Act, delivery: WebhookDeliveryRecord, attempt: WebhookAttempt): Promise<void> =>
  untilUndisturbed(async () => {
    const current = await findDelivery(act.tenant, delivery.endpointId, delivery.id);
    if (current?.lease?.token !== delivery.lease?.token || current === undefined) return;
    const also = await endpointSteps(act, delivery.endpointId, attempt);
    await saveDelivery(act, current, tried(act, current, attempt), also);
  });

/**
 * Tries a delivery once, unless somebody else does or it is over. Whoever dies in between leaves it to be tried again, so that
 * the other system may hear twice of the same event, under the same id. Four reads and two transactions.
 */
export const deliverWebhook = async (act: Act, endpointId: WebhookEndpointId, id: EventId): Promise<void> => {
  const delivery = await findDelivery(act.tenant, endpointId, id);
  if (delivery === undefined || isHeld(delivery, instant(act.now()))) return;
  const [endpoint, event] = await Promise.all([
    findWebhookEndpoint(act.tenant, endpointId),
    findDeliveredEvent(act, delivery),
  ]);
  try {
    if (endpoint?.status !== 'active' || event === undefined) {
      await saveDelivery(act, delivery, givenUp(delivery));
      return;
    }
    const lease = { token: act.newId(), until: secondsAfter(act.now(), environment().LEASE_SECONDS) };
    const own = claimed(delivery, lease);
    await saveDelivery(act, delivery, own);
    await record(act, own, await call(act, endpoint, event));
  } catch (error) {
    if (!(error instanceof Raced)) throw error;
  }
};

/** Its time has come, its queue entry is lost, or who tried it died: it goes on the queue again. */
export const redispatchDelivery = async (act: Act, endpointId: WebhookEndpointId, id: EventId): Promise<void> => {
  const delivery = await findDelivery(act.tenant, endpointId, id);
  if (delivery?.nextAttemptAt === undefined || delivery.nextAttemptAt === null) return;
  if (delivery.nextAttemptAt > instant(act.now())) return;
  try {
    await saveDelivery(act, delivery, nextTurn(act, delivery, environment().REDISPATCH_SECONDS));
  } catch (error) {
    if (!(error instanceof Raced)) throw error;
  }
};

/**
 * Has an event delivered again, under the same id.
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
    if (endpoint.status !== 'active') throw new Failure('webhook.disabled', 'Have the endpoint go on first.');
    if ((await findDeliveredEvent(act, before)) === undefined) {
      throw new Failure('webhook.event-gone', 'Events are kept for a week, and no longer than whom they are about.');
    }
    const after = replayed(act, before, environment().REDISPATCH_SECONDS);
    await saveDelivery(act, before, after, remember(after));
    return after;
  });
