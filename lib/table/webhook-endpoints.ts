import type { TenantId, WebhookEndpointId } from '../contract/vocabulary.ts';
import { Failure, notFound } from '../domain/failure.ts';
import { MOST_ENDPOINTS, WebhookEndpointRecordSchema, type WebhookEndpointRecord } from '../domain/webhook-endpoint.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { get, queryAll } from './client.ts';
import { webhookCountKey, WEBHOOK_ENDPOINT, webhookEndpointKey, webhookEndpoints } from './team-keys.ts';
import { announce } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { absent, commit, put, remove, replace, unchanged, update, type Step } from './transaction.ts';

const endpointItem = (tenant: TenantId, endpoint: WebhookEndpointRecord) => ({
  ...webhookEndpointKey(tenant, endpoint.id),
  ...endpoint,
});

const endpointsOf = (tenant: TenantId) => ({
  KeyConditionExpression: 'pk = :pk AND begins_with(sk, :endpoints)',
  ExpressionAttributeValues: { ':pk': webhookEndpoints(tenant), ':endpoints': WEBHOOK_ENDPOINT },
});

/** Which endpoints are there, newest first? One query, a page of items. */
export const listWebhookEndpoints = (tenant: TenantId, page: Page): Promise<Paged<WebhookEndpointRecord>> =>
  queryPage(
    tenant,
    'webhook-endpoints',
    WebhookEndpointRecordSchema,
    { ...endpointsOf(tenant), ScanIndexForward: false },
    page,
  );

/** Which endpoint has this id? One read. */
export const findWebhookEndpoint = async (
  tenant: TenantId,
  id: WebhookEndpointId,
): Promise<WebhookEndpointRecord | undefined> => {
  const { Item } = await get(tenant, { Key: webhookEndpointKey(tenant, id), ConsistentRead: true });
  return Item === undefined ? undefined : WebhookEndpointRecordSchema.parse(Item);
};

/** @throws Failure `resource.not-found` */
export const getWebhookEndpoint = async (tenant: TenantId, id: WebhookEndpointId): Promise<WebhookEndpointRecord> => {
  const endpoint = await findWebhookEndpoint(tenant, id);
  if (endpoint === undefined) throw notFound();
  return endpoint;
};

/** Which endpoints are there at this moment? One query. Not remembered: a new one is told of what happens from now on. */
export const allWebhookEndpoints = async (tenant: TenantId): Promise<WebhookEndpointRecord[]> => {
  const items = await queryAll(tenant, { ...endpointsOf(tenant), ConsistentRead: true });
  return items.map((item) => WebhookEndpointRecordSchema.parse(item));
};

const tooMany = (): Failure =>
  new Failure('webhook.limit', `A tenant has at most ${MOST_ENDPOINTS} endpoints: remove one first.`);

const counted = (tenant: TenantId, adds: 1 | -1): Step =>
  update(
    webhookCountKey(tenant),
    {
      expression: 'ADD #count :adds',
      ...(adds === 1 && { condition: 'attribute_not_exists(#count) OR #count < :most' }),
      names: { '#count': 'count' },
      values: { ':adds': adds, ...(adds === 1 && { ':most': MOST_ENDPOINTS }) },
    },
    tooMany,
  );

/** Adds an endpoint. One transaction. @throws Failure `webhook.limit` */
export const insertWebhookEndpoint = (
  tenant: TenantId,
  endpoint: WebhookEndpointRecord,
  event: DomainEvent,
  also: readonly Step[],
): Promise<void> =>
  commit(tenant, [...also, put(endpointItem(tenant, endpoint), absent), counted(tenant, 1), announce(event)]);

/** What changes an endpoint that was read before, for the transaction in which it is. */
export const endpointChange = (tenant: TenantId, before: WebhookEndpointRecord, after: WebhookEndpointRecord): Step =>
  replace(endpointItem(tenant, after), before);

/** One transaction. @throws Raced */
export const changeWebhookEndpoint = (
  tenant: TenantId,
  before: WebhookEndpointRecord,
  after: WebhookEndpointRecord,
  event: DomainEvent,
  also: readonly Step[] = [],
): Promise<void> => commit(tenant, [...also, endpointChange(tenant, before, after), announce(event)]);

/** Its administrators are being told that it is as it is. One transaction. @throws Raced */
export const noteWarned = (tenant: TenantId, before: WebhookEndpointRecord): Promise<void> =>
  commit(tenant, [endpointChange(tenant, before, { ...before, warnedAt: before.version })]);

/** One transaction. @throws Raced */
export const removeWebhookEndpoint = (
  tenant: TenantId,
  before: WebhookEndpointRecord,
  event: DomainEvent,
): Promise<void> =>
  commit(tenant, [
    remove(webhookEndpointKey(tenant, before.id), unchanged(before.revision)),
    counted(tenant, -1),
    announce(event),
  ]);
