import { openCredentials } from '../cloud/keys.ts';
import { postWebhook } from '../cloud/post-webhook.ts';
import { environment } from '../config/environment.ts';
import type { WebhookAttempt } from '../contract/webhook-endpoints.ts';
import type { EventId, WebhookEndpointId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import { webhookEndpointEvent } from '../domain/occurrence.ts';
import {
  claimed,
  givenUp,
  isItsTurn,
  nextTurn,
  tried,
  type WebhookDeliveryRecord,
} from '../domain/webhook-delivery.ts';
import { afterAttempt, signingSecrets, type WebhookEndpointRecord } from '../domain/webhook-endpoint.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { announce } from '../table/outbox.ts';
import { Raced, untilUndisturbed, type Step } from '../table/transaction.ts';
import { findDeliveredEvent, findDelivery, queueDelivery, saveDelivery } from '../table/webhook-deliveries.ts';
import { endpointChange, findWebhookEndpoint } from '../table/webhook-endpoints.ts';
import { deliveryLookSeconds } from './delivery-look.ts';
import { SecretSchema } from './webhook-secrets.ts';

/** An attempt, and where it was made. */
interface Called {
  readonly attempt: WebhookAttempt;
  /** How many its delivery has had, with this one. */
  readonly tries: number;
  readonly url: string;
  readonly retryAfterSeconds: number | null;
}

const call = async (
  act: Act,
  { tries }: WebhookDeliveryRecord,
  endpoint: WebhookEndpointRecord,
  event: DomainEvent,
): Promise<Called> => {
  const at = act.now();
  const secrets = await Promise.all(
    signingSecrets(endpoint, instant(at)).map(async ({ sealed }) =>
      SecretSchema.parse(await openCredentials({ tenant: act.tenant, channel: endpoint.id }, sealed)),
    ),
  );
  const { status, error, retryAfterSeconds } = await postWebhook({
    url: endpoint.url,
    id: event.id,
    at,
    body: JSON.stringify(event),
    secrets,
    timeoutMs: environment().PROVIDER_TIMEOUT_SECONDS * 1000,
  });
  const durationMs = act.now().getTime() - at.getTime();
  const attempt = { at: instant(at), durationMs, status, error };
  return { attempt, tries: tries + 1, url: endpoint.url, retryAfterSeconds };
};

/**
 * What an attempt makes of its endpoint, as it is now: that it fails, works again, or is told no more. What it was elsewhere
 * does not count. One read where there is news.
 */
const endpointSteps = async (act: Act, known: WebhookEndpointRecord, called: Called): Promise<Step[]> => {
  const { attempt, tries, url } = called;
  if (afterAttempt(act, known, attempt, tries) === known) return [];
  const before = await findWebhookEndpoint(act.tenant, known.id);
  if (before?.url !== url) return [];
  const after = afterAttempt(act, before, attempt, tries);
  if (after === before) return [];
  const isDisabled = after.status !== before.status;
  return [
    endpointChange(act.tenant, before, after),
    ...(isDisabled ? [announce(webhookEndpointEvent(act, 'WebhookEndpointDisabled', after, before))] : []),
  ];
};

/** Whoever holds it by then has its own attempt to tell of. */
const record = (
  act: Act,
  own: WebhookDeliveryRecord,
  endpoint: WebhookEndpointRecord,
  called: Called,
): Promise<void> => {
  let known: WebhookDeliveryRecord | undefined = own;
  return untilUndisturbed(async () => {
    const current = known ?? (await findDelivery(act.tenant, own.endpointId, own.id));
    known = undefined;
    if (current === undefined || current.lease?.token !== own.lease?.token) return;
    const also = await endpointSteps(act, endpoint, called);
    const pause = { askedSeconds: called.retryAfterSeconds, chance: Math.random() };
    await saveDelivery(act, current, tried(act, current, called.attempt, pause), also);
  });
};

const untilRaced = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Raced)) throw error;
  }
};

/**
 * Tries a delivery once, unless somebody else does or it is over. Whoever dies in between leaves it to be tried again, so that
 * the other system may hear twice of the same event, under the same id. Three reads and two transactions; one
 * read more where the endpoint begins to fail, or to work again.
 *
 * @param turn of the queue entry
 */
export const deliverWebhook = async (
  act: Act,
  endpointId: WebhookEndpointId,
  id: EventId,
  turn: number,
): Promise<void> => {
  const delivery = await findDelivery(act.tenant, endpointId, id);
  if (delivery === undefined || !isItsTurn(delivery, turn)) return;
  const [endpoint, event] = await Promise.all([
    findWebhookEndpoint(act.tenant, endpointId),
    findDeliveredEvent(act, delivery),
  ]);
  await untilRaced(async () => {
    if (endpoint?.status !== 'active' || event === undefined) {
      await saveDelivery(act, delivery, givenUp(delivery));
      return;
    }
    const lease = { token: act.newId(), until: secondsAfter(act.now(), environment().LEASE_SECONDS) };
    const own = claimed(delivery, lease);
    await saveDelivery(act, delivery, own);
    const called = await call(act, own, endpoint, event);
    await record(act, { ...own, revision: delivery.revision + 1 }, endpoint, called);
  });
};

/** Its time has come, its queue entry is lost, or who tried it died: it goes on the queue again. */
export const redispatchDelivery = async (act: Act, endpointId: WebhookEndpointId, id: EventId): Promise<void> => {
  const delivery = await findDelivery(act.tenant, endpointId, id);
  if (delivery?.nextAttemptAt === undefined || delivery.nextAttemptAt === null) return;
  if (delivery.nextAttemptAt > instant(act.now())) return;
  const next = nextTurn(act, delivery, deliveryLookSeconds());
  await untilRaced(() => queueDelivery(act, delivery, next));
};
