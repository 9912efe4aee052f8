import * as z from 'zod';
import { EventIdSchema, type EventId, type TenantId, type WebhookEndpointId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { idAt } from '../domain/retention.ts';
import type { WebhookDelivery } from '../contract/webhook-endpoints.ts';
import { WebhookDeliveryRecordSchema, type WebhookDeliveryRecord } from '../domain/webhook-delivery.ts';
import { DomainEventSchema, type DomainEvent } from '../events/catalogue.ts';
import { get, query } from './client.ts';
import { deliveryShard, OUTBOX } from './keys.ts';
import { DELIVERY, webhookDeliveries, webhookDeliveryKey } from './team-keys.ts';
import { announceDelivery } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { absent, commit, put, Raced, replace, type Step } from './transaction.ts';

const deliveryItem = (tenant: TenantId, delivery: WebhookDeliveryRecord) => ({
  ...webhookDeliveryKey(tenant, delivery.endpointId, delivery.id),
  ...delivery,
  ...(delivery.nextAttemptAt !== null && {
    gsi4pk: deliveryShard(delivery.id),
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

/** Which deliveries are meant: all, or those in a state, of some events, of events of a time. */
export interface DeliveryFilter {
  readonly state?: WebhookDelivery['state'] | undefined;
  readonly eventTypes?: readonly string[] | undefined;
  /** ISO 8601; the first instant that counts. */
  readonly from?: string | undefined;
  /** ISO 8601; the first that counts no more. */
  readonly to?: string | undefined;
}

const isMeant = ({ state, eventTypes }: DeliveryFilter, delivery: WebhookDeliveryRecord, now: Date): boolean =>
  delivery.expiresAt * 1000 > now.getTime() &&
  (state === undefined || delivery.state === state) &&
  (eventTypes === undefined || eventTypes.includes(delivery.eventType) || eventTypes.includes('*'));

/** Nothing stands between two times that are the wrong way round, and the table refuses to look. */
const isEmpty = ({ from, to }: DeliveryFilter): boolean => from !== undefined && to !== undefined && from > to;

/** Ids say when an event was. */
const within = (tenant: TenantId, endpointId: WebhookEndpointId, { from, to }: DeliveryFilter) => ({
  KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
  ExpressionAttributeValues: {
    ':pk': webhookDeliveries(tenant, endpointId),
    ':from': from === undefined ? DELIVERY : `${DELIVERY}${idAt(Date.parse(from))}`,
    ':to': to === undefined ? `${DELIVERY}~` : `${DELIVERY}${idAt(Date.parse(to))}`,
  },
});

/** What was, or is to be, delivered to this endpoint, newest event first? One query, a page of items; a filter shortens it. */
export const listDeliveries = async (
  act: Act,
  endpointId: WebhookEndpointId,
  filter: DeliveryFilter,
  page: Page,
): Promise<Paged<WebhookDeliveryRecord>> => {
  if (isEmpty(filter)) return { items: [], nextCursor: null };
  const { items, nextCursor } = await queryPage(
    act.tenant,
    `webhook-deliveries:${endpointId}:${JSON.stringify(filter)}`,
    WebhookDeliveryRecordSchema,
    { ...within(act.tenant, endpointId, filter), ScanIndexForward: false },
    page,
  );
  return { items: items.filter((each) => isMeant(filter, each, act.now())), nextCursor };
};

/** The same, oldest first, after one of them. One query, a page of items; `next` is undefined after the last. */
export const walkDeliveries = async (
  act: Act,
  endpointId: WebhookEndpointId,
  filter: DeliveryFilter,
  after: string | null,
  limit: number,
): Promise<{ readonly deliveries: readonly WebhookDeliveryRecord[]; readonly next: string | undefined }> => {
  if (isEmpty(filter)) return { deliveries: [], next: undefined };
  const { Items = [], LastEvaluatedKey } = await query(act.tenant, {
    ...within(act.tenant, endpointId, filter),
    Limit: limit,
    ...(after !== null && {
      ExclusiveStartKey: webhookDeliveryKey(act.tenant, endpointId, EventIdSchema.parse(after)),
    }),
  });
  const all = Items.map((item) => WebhookDeliveryRecordSchema.parse(item));
  return {
    deliveries: all.filter((each) => isMeant(filter, each, act.now())),
    next: LastEvaluatedKey === undefined ? undefined : all.at(-1)?.id,
  };
};

/** One transaction. @throws Raced when somebody else has taken it */
export const saveDelivery = (
  act: Act,
  before: WebhookDeliveryRecord,
  after: WebhookDeliveryRecord,
  also: readonly Step[] = [],
): Promise<void> => commit(act.tenant, [...also, replace(deliveryItem(act.tenant, after), before)]);

/** As above, and it goes on the queue. */
export const queueDelivery = (
  act: Act,
  before: WebhookDeliveryRecord,
  after: WebhookDeliveryRecord,
  also: readonly Step[] = [],
): Promise<void> => saveDelivery(act, before, after, [...also, announceDelivery(act, after)]);

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
