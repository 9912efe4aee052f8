import type { ClientId, ErasureId, TenantId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { identitiesOf, type ClientRecord } from '../domain/client.ts';
import { ErasureRecordSchema, type ErasureRecord } from '../domain/erasure.ts';
import { notFound } from '../domain/failure.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { get } from './client.ts';
import { moveIdentities } from './identities.ts';
import { chatKey, clientKey, erasureKey, erasures, identityKey } from './keys.ts';
import { whileNotHeld } from './legal-holds.ts';
import { announce } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { absent, commit, put, Raced, remove, update, type Step } from './transaction.ts';

const receiptItem = (tenant: TenantId, erasure: ErasureRecord) => ({ ...erasureKey(tenant, erasure.id), ...erasure });

/** Which erasure has this receipt? One read. @throws Failure `resource.not-found` */
export const getErasure = async (tenant: TenantId, id: ErasureId): Promise<ErasureRecord> => {
  const { Item } = await get(tenant, { Key: erasureKey(tenant, id), ConsistentRead: true });
  if (Item === undefined) throw notFound();
  return ErasureRecordSchema.parse(Item);
};

/** Which erasures were there, newest first? One query, a page of items. */
export const listErasures = (tenant: TenantId, page: Page): Promise<Paged<ErasureRecord>> =>
  queryPage(
    tenant,
    'erasures',
    ErasureRecordSchema,
    {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :receipts)',
      ExpressionAttributeValues: { ':pk': erasures(tenant), ':receipts': 'ERASURE#' },
      ScanIndexForward: false,
    },
    page,
  );

/** The client is out of every list, and nothing changes it any more. */
const hideForGood = (tenant: TenantId, { id, revision }: ClientRecord): Step =>
  update(clientKey(tenant, id), {
    expression: 'SET #state = :erased, #revision = :next REMOVE gsi1pk, gsi2pk',
    condition: '#revision = :revision',
    names: { '#state': 'state', '#revision': 'revision' },
    values: { ':erased': 'erased', ':revision': revision, ':next': revision + 1 },
  });

/** Nothing enters the chat any more, whatever state it was in. */
const closeForGood = (tenant: TenantId, id: ClientId): Step =>
  update(chatKey(tenant, id), {
    expression: 'SET #state = :erased REMOVE gsi1pk, gsi2pk, gsi3pk, gsi4pk',
    condition: 'attribute_exists(pk)',
    names: { '#state': 'state' },
    values: { ':erased': 'erased' },
  });

interface Beginning {
  readonly client: ClientRecord;
  /** The clients that were merged into it. */
  readonly absorbed: readonly ClientRecord[];
  readonly erasure: ErasureRecord;
  readonly event: DomainEvent;
  /** The job that goes on from here. */
  readonly job: readonly Step[];
  readonly also: readonly Step[];
}

/**
 * Hides a client for good and frees its identities. One transaction.
 *
 * @throws Raced, Failure `client.legal-hold`
 */
export const beginErasure = (act: Act, { client, absorbed, erasure, event, job, also }: Beginning): Promise<void> =>
  commit(act.tenant, [
    ...also,
    ...whileNotHeld(act.tenant, client),
    ...[client, ...absorbed].flatMap((each) => [hideForGood(act.tenant, each), closeForGood(act.tenant, each.id)]),
    // Those of a deleted client are free, and may be another's by now.
    ...(client.state === 'active' ? moveIdentities(act.tenant, client.id, identitiesOf(client), []) : []),
    put(receiptItem(act.tenant, erasure), absent),
    ...job,
    announce(event),
  ]);

/** Frees what the clients of an erasure still hold of their identities. As many transactions as there are identities. */
export const freeIdentities = async (tenant: TenantId, clients: readonly ClientRecord[]): Promise<void> => {
  const ids = Object.fromEntries(clients.map(({ id }, index) => [`:id${index}`, id]));
  const held = { expression: `clientId IN (${Object.keys(ids).join(', ')})`, values: ids };
  for (const identity of clients.flatMap(identitiesOf)) {
    try {
      await commit(tenant, [remove(identityKey(tenant, identity), held)]);
    } catch (error) {
      // It is free, or another client's.
      if (!(error instanceof Raced)) throw error;
    }
  }
};

/** What it takes to end an erasure: the last of the clients go, and the receipt says so. */
export const endErasure = (
  tenant: TenantId,
  clients: readonly ClientId[],
  erasure: ErasureRecord,
  event: DomainEvent,
): Step[] => [
  ...clients.flatMap((id) => [remove(chatKey(tenant, id)), remove(clientKey(tenant, id))]),
  put(receiptItem(tenant, erasure)),
  announce(event),
];
