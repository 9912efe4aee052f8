import * as z from 'zod';
import type { EventId, TenantId, WebhookEndpointId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import type { WebhookDelivery } from '../contract/webhook-endpoints.ts';
import { WebhookDeliveryRecordSchema, type WebhookDeliveryRecord } from '../domain/webhook-delivery.ts';
import { DomainEventSchema, type DomainEvent } from '../events/catalogue.ts';
import { get } from './client.ts';
import { dueShard, OUTBOX } from './keys.ts';
import { DELIVERY, webhookDeliveries, webhookDeliveryKey } from './team-keys.ts';
import { announceDelivery } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { absent, commit, put, Raced, replace, type Step } from './transaction.ts';

const deliveryItem = (tenant: TenantId, delivery: WebhookDeliveryRecord) => ({
  ...webhookDeliveryKey(tenant, delivery.endpointId, delivery.id),
  ...delivery,
  ...(delivery.nextAttemptAt !== null && {
    gsi4pk: dueShard(delivery.id),
    gsi4sk: `${delivery.nextAttemptAt}#${delivery.endpointId}${delivery.id}`,
  }),
});

/** What is delivered of an event, to all who want it, in one transaction: all of it, or nothing when it was noted before. */
export const insertDeliveries = async (act: Act, deliveries: readonly WebhookDeliveryRecord[]): Promise<void> => {
  const steps = deliveries.flatMap((delivery) => [
    put(deliveryItem(act.tenant, delivery), absent),
    announceDelivery(act, delivery),
  ]);
  if (steps.length === 0) return;
  await commit(act.tenant, steps).catch((error: unknown) => {
    if (!(error instanceof Raced)) throw error;
  });
};

/** How does this delivery stand? One read. */
export const findDelivery = async (
  tenant: TenantId,
  endpointId: WebhookEndpointId,
  id: EventId,
): Promise<WebhookDeliveryRecord | undefined> => {
  const { Item } = await get(tenant, { Key: webhookDeliveryKey(tenant, endpointId, id), ConsistentRead: true });
  return Item === undefined ? undefined : WebhookDeliveryRecordSchema.parse(Item);
};

/** What was, or is to be, delivered to this endpoint, newest event first? One query, a page of items; a state shortens it. */
export const listDeliveries = async (
  act: Act,
  endpointId: WebhookEndpointId,
  state: WebhookDelivery['state'] | undefined,
  page: Page,
): Promise<Paged<WebhookDeliveryRecord>> => {
  const { items, nextCursor } = await queryPage(
    act.tenant,
    `webhook-deliveries:${endpointId}:${state ?? ''}`,
    WebhookDeliveryRecordSchema,
    {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :deliveries)',
      ExpressionAttributeValues: { ':pk': webhookDeliveries(act.tenant, endpointId), ':deliveries': DELIVERY },
      ScanIndexForward: false,
    },
    page,
  );
  const now = Math.floor(Date.parse(instant(act.now())) / 1000);
  const kept = items.filter(({ expiresAt }) => expiresAt > now);
  return { items: kept.filter((each) => state === undefined || each.state === state), nextCursor };
};

/** One transaction. @throws Raced when somebody else has taken it */
export const saveDelivery = (
  act: Act,
  before: WebhookDeliveryRecord,
  after: WebhookDeliveryRecord,
  also: readonly Step[] = [],
): Promise<void> =>
  commit(act.tenant, [
    ...also,
    replace(deliveryItem(act.tenant, after), before),
    ...(after.turn === before.turn ? [] : [announceDelivery(act, after)]),
  ]);

const EventItemSchema = z.object({ outbox: z.object({ event: DomainEventSchema }), expiresAt: z.int() });

/** What does a delivery carry? Undefined once the event is gone: after a week, or with whom it was about. One read. */
export const findDeliveredEvent = async (
  act: Act,
  { home, id }: Pick<WebhookDeliveryRecord, 'home' | 'id'>,
): Promise<DomainEvent | undefined> => {
  const { Item } = await get(act.tenant, { Key: { pk: home, sk: `${OUTBOX}${id}` }, ConsistentRead: true });
  if (Item === undefined) return undefined;
  const { outbox, expiresAt } = EventItemSchema.parse(Item);
  return expiresAt * 1000 > act.now().getTime() ? outbox.event : undefined;
};
