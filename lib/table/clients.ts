import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { newChat, type ChatRecord } from '../domain/chat.ts';
import { ClientRecordSchema, identitiesOf, type ClientRecord } from '../domain/client.ts';
import { foldForSorting } from '../domain/folding.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { absenceOf } from './absorbed.ts';
import { chatItem, hideChat, renameChat, showChat } from './chats.ts';
import { get, getTogether } from './client.ts';
import { moveIdentities } from './identities.ts';
import { clientKey, clientsByAge, clientsByName, deletedClients } from './keys.ts';
import { announce } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { absent, commit, put, replace, untilUndisturbed, type Step } from './transaction.ts';

/** A sort key takes 1,024 bytes, and folding can make a short name long. */
const SORTED_LETTERS = 200;

/** Names sort without regard to case and accents, the Cyrillic among the Latin. */
const foldedName = ({ lastName, firstName }: ClientRecord): string =>
  foldForSorting(`${lastName ?? ''} ${firstName}`)
    .slice(0, SORTED_LETTERS)
    .toWellFormed();

const clientItem = (tenant: TenantId, client: ClientRecord) => ({
  ...clientKey(tenant, client.id),
  ...client,
  ...(client.state === 'active' && {
    gsi1pk: clientsByAge(tenant),
    gsi1sk: `${client.createdAt}#${client.id}`,
    gsi2pk: clientsByName(tenant),
    gsi2sk: `${foldedName(client)}#${client.id}`,
  }),
  ...(client.state === 'deleted' && { gsi1pk: deletedClients(tenant), gsi1sk: `${client.createdAt}#${client.id}` }),
});

/** Which client has this id, deleted or not? One read. */
export const findClient = async (tenant: TenantId, id: ClientId): Promise<ClientRecord | undefined> => {
  const { Item } = await get(tenant, { Key: clientKey(tenant, id), ConsistentRead: true });
  return Item === undefined ? undefined : ClientRecordSchema.parse(Item);
};

/** Which client has this id? One read. @throws Failure `resource.not-found`, also for a deleted one, `client.absorbed` */
export const getClient = async (tenant: TenantId, id: ClientId): Promise<ClientRecord> => {
  const client = await findClient(tenant, id);
  if (client?.state !== 'active') throw absenceOf(client);
  return client;
};

/** Which clients have these ids, in their order, deleted or not? One read; those that do not exist are left out. */
export const findClients = async (tenant: TenantId, ids: readonly ClientId[]): Promise<ClientRecord[]> => {
  if (ids.length === 0) return [];
  const items = await getTogether(
    tenant,
    ids.map((id) => clientKey(tenant, id)),
  );
  const clients = items.map((item) => ClientRecordSchema.parse(item));
  return ids.flatMap((id) => clients.find((client) => client.id === id) ?? []);
};

/** Which client has this id, though it may be deleted? One read. @throws Failure `resource.not-found`, `client.absorbed` */
export const getClientOrDeleted = async (tenant: TenantId, id: ClientId): Promise<ClientRecord> => {
  const client = await findClient(tenant, id);
  if (client?.state !== 'active' && client?.state !== 'deleted') throw absenceOf(client);
  return client;
};

/** Which clients are there, newest first or by name? One query, a page of items. */
export const listClients = (tenant: TenantId, sort: 'newest' | 'name', page: Page): Promise<Paged<ClientRecord>> =>
  queryPage(
    tenant,
    `clients:${sort}`,
    ClientRecordSchema,
    sort === 'newest'
      ? {
          IndexName: 'gsi1',
          KeyConditionExpression: 'gsi1pk = :pk',
          ExpressionAttributeValues: { ':pk': clientsByAge(tenant) },
          ScanIndexForward: false,
        }
      : {
          IndexName: 'gsi2',
          KeyConditionExpression: 'gsi2pk = :pk',
          ExpressionAttributeValues: { ':pk': clientsByName(tenant) },
        },
    page,
  );

/** What it takes for a new client to exist: itself, its identities and its chat's head. */
export const insertionSteps = (tenant: TenantId, client: ClientRecord, chat: ChatRecord): Step[] => [
  put(clientItem(tenant, client), absent),
  put(chatItem(tenant, chat), absent),
  ...moveIdentities(tenant, client.id, [], identitiesOf(client)),
];

/** Adds a client. One transaction. @throws Failure `contact.duplicate`, `client.pin-duplicate` */
export const insertClient = (
  act: Act,
  client: ClientRecord,
  event: DomainEvent,
  also: readonly Step[],
): Promise<void> =>
  commit(act.tenant, [...also, ...insertionSteps(act.tenant, client, newChat(act, client)), announce(event)]);

export const replacement = (tenant: TenantId, before: ClientRecord, after: ClientRecord): Step =>
  replace(clientItem(tenant, after), before);

/** What it takes to change a client that was read before. */
export const changeSteps = (
  tenant: TenantId,
  before: ClientRecord,
  after: ClientRecord,
  event: DomainEvent,
): Step[] => [
  replacement(tenant, before, after),
  ...moveIdentities(tenant, after.id, identitiesOf(before), identitiesOf(after)),
  ...renameChat(tenant, before, after),
  announce(event),
];

/** Changes a client. One transaction. @throws Raced, Failure `contact.duplicate`, `client.pin-duplicate` */
const changeClient = (
  tenant: TenantId,
  before: ClientRecord,
  after: ClientRecord,
  event: DomainEvent,
  also: readonly Step[] = [],
): Promise<void> => commit(tenant, [...also, ...changeSteps(tenant, before, after, event)]);

interface Edit<Result> {
  readonly client: ClientRecord;
  readonly event: DomainEvent;
  readonly result: Result;
  readonly also?: readonly Step[];
}

/**
 * Reads a client, decides what it becomes, and writes, until nobody interferes. One read and one transaction.
 *
 * @throws Failure `resource.not-found`, `contact.duplicate`, `client.pin-duplicate`
 */
export const editClient = <Result>(
  tenant: TenantId,
  id: ClientId,
  decide: (client: ClientRecord) => Edit<Result> | Promise<Edit<Result>>,
): Promise<Result> =>
  untilUndisturbed(async () => {
    const before = await getClient(tenant, id);
    const { client, event, result, also } = await decide(before);
    await changeClient(tenant, before, client, event, also);
    return result;
  });

/** Hides a client with its chat and frees its identities. One transaction. @throws Raced */
export const hideClient = (
  tenant: TenantId,
  before: ClientRecord,
  after: ClientRecord,
  event: DomainEvent,
): Promise<void> =>
  commit(tenant, [
    hideChat(tenant, after.id),
    replacement(tenant, before, after),
    ...moveIdentities(tenant, after.id, identitiesOf(before), []),
    announce(event),
  ]);

/** Brings a client, its chat and its identities back. One transaction. @throws Raced, Failure when an identity is taken */
export const showClient = (
  tenant: TenantId,
  before: ClientRecord,
  after: ClientRecord,
  chat: ChatRecord,
  event: DomainEvent,
  also: readonly Step[],
): Promise<void> =>
  commit(tenant, [
    ...also,
    ...moveIdentities(tenant, after.id, [], identitiesOf(after)),
    showChat(tenant, { ...chat, client: { firstName: after.firstName, lastName: after.lastName } }),
    replacement(tenant, before, after),
    announce(event),
  ]);
