import type { ClientId, MergeId, TenantId } from '../contract/vocabulary.ts';
import { ChatRecordSchema, type ChatRecord } from '../domain/chat.ts';
import { ClientRecordSchema, identitiesOf, type ClientRecord } from '../domain/client.ts';
import { notFound } from '../domain/failure.ts';
import { sameIdentity, type Identity } from '../domain/identity.ts';
import { MergeRecordSchema, type MergeRecord } from '../domain/merge-record.ts';
import { MessageRecordSchema, type MessageRecord } from '../domain/message.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { absenceOf } from './absorbed.ts';
import { changeHead } from './chat-head.ts';
import { findChats } from './chats.ts';
import { getTogether, query, queryAll } from './client.ts';
import { replacement } from './clients.ts';
import { freeIdentity, moveIdentities, passIdentity, returnIdentity } from './identities.ts';
import { CHAT, CLIENT, chatKey, clientCollection, clientKey, INTERACTION, MERGE, mergeKey, MESSAGE } from './keys.ts';
import { whileSurvivorNotHeld } from './legal-holds.ts';
import { newestFirst, pageOfMany } from './merged.ts';
import { announce } from './outbox.ts';
import type { Page, Paged } from './page.ts';
import { absent, commit, put, Raced, replace, update, type Step } from './transaction.ts';

/** A client with its chat's head. */
export interface Standing {
  readonly client: ClientRecord;
  readonly chat: ChatRecord;
}

/** How do these clients stand, and their chats? One read of all. Undefined for one that is not there. */
export const findStandings = async (
  tenant: TenantId,
  ids: readonly ClientId[],
): Promise<(id: ClientId) => Standing | undefined> => {
  const keys = ids.flatMap((id) => [clientKey(tenant, id), chatKey(tenant, id)]);
  const items = await getTogether(tenant, keys);
  return (id) => {
    const own = items.filter(({ pk }) => pk === clientCollection(tenant, id));
    const client = own.find(({ sk }) => sk === CLIENT);
    const chat = own.find(({ sk }) => sk === CHAT);
    return client === undefined || chat === undefined
      ? undefined
      : { client: ClientRecordSchema.parse(client), chat: ChatRecordSchema.parse(chat) };
  };
};

/** @throws Failure `resource.not-found`, `client.absorbed` */
export const requireActive = (standing: Standing | undefined): Standing => {
  if (standing?.client.state !== 'active') throw absenceOf(standing?.client);
  if (standing.chat.state !== 'active') throw new Raced('The client changed while it was read.');
  return standing;
};

interface Change<Value> {
  readonly before: Value;
  readonly after: Value;
}

/** What a merge, or its undoing, makes of both clients. */
export interface Merging {
  readonly survivor: Change<Standing>;
  readonly absorbed: Change<Standing>;
  readonly events: readonly DomainEvent[];
  readonly also: readonly Step[];
}

const isIn = (list: readonly Identity[]) => (identity: Identity) => list.some((other) => sameIdentity(other, identity));

/** What the absorbed client held, the survivor holds now; a PIN that lost against another is free. */
const joinIdentities = (tenant: TenantId, { survivor, absorbed }: Merging): Step[] => {
  const [ours, theirs] = [identitiesOf(survivor.before.client), identitiesOf(absorbed.before.client)];
  const after = identitiesOf(survivor.after.client);
  const { id } = survivor.after.client;
  return [
    ...after.filter(isIn(theirs)).map((identity) => passIdentity(tenant, identity, absorbed.after.client.id, id)),
    ...[...ours, ...theirs]
      .filter((identity) => !isIn(after)(identity))
      .map((identity) => freeIdentity(tenant, identity)),
  ];
};

/** What the absorbed client held is its own again; should the survivor take back what it gave up, it may be taken. */
const partIdentities = (tenant: TenantId, { survivor, absorbed }: Merging): Step[] => {
  const theirs = identitiesOf(absorbed.after.client);
  const { id } = survivor.after.client;
  const kept = identitiesOf(survivor.before.client).filter((identity) => !isIn(theirs)(identity));
  return [
    ...theirs.map((identity) => returnIdentity(tenant, identity, id, absorbed.after.client.id)),
    ...moveIdentities(tenant, id, kept, identitiesOf(survivor.after.client)),
  ];
};

/** Those that had been merged into a client follow it: their ids lead to the last survivor at once. */
const followSteps = (tenant: TenantId, ids: readonly ClientId[], from: ClientId, to: ClientId): Step[] =>
  ids.map((id) =>
    update(clientKey(tenant, id), {
      expression: 'SET survivorId = :to, #revision = #revision + :one',
      condition: '#state = :absorbed AND survivorId = :from',
      names: { '#state': 'state', '#revision': 'revision' },
      values: { ':absorbed': 'absorbed', ':from': from, ':to': to, ':one': 1 },
    }),
  );

const commonSteps = (tenant: TenantId, { survivor, absorbed, events }: Merging): Step[] => [
  changeHead(tenant, absorbed.before.chat, absorbed.after.chat),
  replacement(tenant, absorbed.before.client, absorbed.after.client),
  changeHead(tenant, survivor.before.chat, survivor.after.chat),
  replacement(tenant, survivor.before.client, survivor.after.client),
  ...events.map(announce),
];

/** Makes one client of two. One transaction. @throws Raced */
export const commitMerge = (tenant: TenantId, merging: Merging, merge: MergeRecord): Promise<void> => {
  const { survivorId, absorbedId } = merge;
  return commit(tenant, [
    ...merging.also,
    ...commonSteps(tenant, merging),
    ...followSteps(tenant, merging.absorbed.before.client.absorbed, absorbedId, survivorId),
    ...joinIdentities(tenant, merging),
    put({ ...mergeKey(tenant, survivorId, merge.id), ...merge }, absent),
  ]);
};

/** Which merges into this client are there that were not undone? One query; a client has few. */
export const findStandingMerges = async (tenant: TenantId, survivorId: ClientId): Promise<MergeRecord[]> => {
  const items = await queryAll(tenant, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :merges)',
    ExpressionAttributeValues: { ':pk': clientCollection(tenant, survivorId), ':merges': MERGE },
    ConsistentRead: true,
  });
  return items.map((item) => MergeRecordSchema.parse(item)).filter(({ taken }) => taken !== null);
};

/** Makes two clients of one again. One transaction. @throws Raced, Failure `contact.duplicate`, `client.pin-duplicate`, `client.legal-hold` */
export const commitUndo = (
  tenant: TenantId,
  merging: Merging,
  merge: Change<MergeRecord>,
  rebasing: readonly Change<MergeRecord>[],
): Promise<void> => {
  const { survivorId, absorbedId } = merge.before;
  return commit(tenant, [
    ...merging.also,
    whileSurvivorNotHeld(tenant, survivorId),
    ...partIdentities(tenant, merging),
    ...commonSteps(tenant, merging),
    ...followSteps(tenant, merging.absorbed.after.client.absorbed, survivorId, absorbedId),
    ...[merge, ...rebasing].map(({ before, after }) =>
      replace({ ...mergeKey(tenant, survivorId, before.id), ...after }, before),
    ),
  ]);
};

/** Which merge into this client, or one that it absorbed, is it? One read. @throws Failure `resource.not-found` */
export const getMerge = async (
  tenant: TenantId,
  { id: survivorId, absorbed }: ClientRecord,
  id: MergeId,
): Promise<MergeRecord> => {
  const keys = [survivorId, ...absorbed].map((home) => mergeKey(tenant, home, id));
  const [item] = await getTogether(tenant, keys);
  if (item === undefined) throw notFound();
  return MergeRecordSchema.parse(item);
};

/** Which clients were merged into this one, latest first? One query for each of its collections, a page of items. */
export const listMerges = (tenant: TenantId, { id, absorbed }: ClientRecord, page: Page): Promise<Paged<MergeRecord>> =>
  pageOfMany(
    tenant,
    `merges:${id}`,
    [id, ...absorbed].map((home) => newestFirst(tenant, clientCollection(tenant, home), MERGE, MergeRecordSchema)),
    (merge) => merge.id,
    page,
  );

/** How do the chats of these collections stand, which another chat absorbed? One read of all. */
export const findAbsorbedChats = async (tenant: TenantId, ids: readonly ClientId[]): Promise<ChatRecord[]> => {
  const chats = await findChats(tenant, ids);
  if (chats.length !== ids.length) throw new Raced('A chat is gone.');
  return chats;
};

/** What was said last in this collection alone? One query of one item. */
export const findLatestMessage = async (tenant: TenantId, home: ClientId): Promise<MessageRecord | undefined> => {
  const { Items: [item] = [] } = await query(tenant, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :messages)',
    ExpressionAttributeValues: { ':pk': clientCollection(tenant, home), ':messages': MESSAGE },
    ScanIndexForward: false,
    Limit: 1,
    ConsistentRead: true,
  });
  return item === undefined ? undefined : MessageRecordSchema.parse(item);
};

/** How many interactions of these collections are planned and not completed? A query for each; a client has few. */
export const countOpenInteractions = async (tenant: TenantId, homes: readonly ClientId[]): Promise<number> => {
  const counts = await Promise.all(
    homes.map(async (home) => {
      const open = await queryAll(tenant, {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :interactions)',
        FilterExpression: 'completedAt = :none AND scheduledAt <> :none',
        ProjectionExpression: 'sk',
        ExpressionAttributeValues: {
          ':pk': clientCollection(tenant, home),
          ':interactions': INTERACTION,
          ':none': null,
        },
      });
      return open.length;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
};
