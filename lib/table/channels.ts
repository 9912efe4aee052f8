import { createHash } from 'node:crypto';
import * as z from 'zod';
import {
  ChannelIdSchema,
  TenantIdSchema,
  type ChannelId,
  type TenantId,
  type Transport,
} from '../contract/vocabulary.ts';
import { environment } from '../config/environment.ts';
import { addressesOf, ChannelRecordSchema, type ChannelRecord } from '../domain/channel.ts';
import { Failure, notFound } from '../domain/failure.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { cached } from './cache.ts';
import { get, queryAll } from './client.ts';
import { channelKey, channels, dueShard, routeKey, type Key } from './keys.ts';
import { announce } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { absent, commit, put, remove, replace, unchanged, update, type Step } from './transaction.ts';

const CACHE_SECONDS = 10;

const channelItem = (tenant: TenantId, channel: ChannelRecord) => ({
  ...channelKey(tenant, channel.id),
  ...channel,
  ...(channel.dueAt !== null && { gsi4pk: dueShard(channel.id), gsi4sk: `${channel.dueAt}#${channel.id}` }),
});

/** A stored channel; its addresses are those of today. */
const StoredChannelSchema = ChannelRecordSchema.transform((channel) => ({
  ...channel,
  ...addressesOf(environment().PUBLIC_BASE_URL, channel.id, channel.provider),
}));

/** Which channel has this id? One read. */
export const findChannel = async (tenant: TenantId, id: ChannelId): Promise<ChannelRecord | undefined> => {
  const { Item } = await get(tenant, { Key: channelKey(tenant, id), ConsistentRead: true });
  return Item === undefined ? undefined : StoredChannelSchema.parse(Item);
};

/** @throws Failure `resource.not-found` */
export const getChannel = async (tenant: TenantId, id: ChannelId): Promise<ChannelRecord> => {
  const channel = await findChannel(tenant, id);
  if (channel === undefined) throw notFound();
  return channel;
};

const inTenant = (tenant: TenantId) => ({
  KeyConditionExpression: 'pk = :pk AND begins_with(sk, :channels)',
  ExpressionAttributeValues: { ':pk': channels(tenant), ':channels': 'CHANNEL#' },
});

/** Which channels has this tenant? One query, a page of items. */
export const listChannels = (tenant: TenantId, page: Page): Promise<Paged<ChannelRecord>> =>
  queryPage(tenant, 'channels', StoredChannelSchema, inTenant(tenant), page);

const channelCache = cached(CACHE_SECONDS, async (tenant: TenantId): Promise<ChannelRecord[]> => {
  const items = await queryAll(tenant, { ...inTenant(tenant), ConsistentRead: true });
  return items.map((item) => StoredChannelSchema.parse(item));
});

/** Which channels could carry a message? Up to 10 seconds old; one query when it is older. */
export const knownChannels = (tenant: TenantId): Promise<ChannelRecord[]> => channelCache.get(tenant);

/** A channel as {@link knownChannels} has it; one that is not among them is looked for once more. */
export const knownChannel = async (tenant: TenantId, id: ChannelId): Promise<ChannelRecord | undefined> => {
  const among = (list: readonly ChannelRecord[]) => list.find((channel) => channel.id === id);
  const known = among(await knownChannels(tenant));
  if (known !== undefined) return known;
  channelCache.forget(tenant);
  return among(await knownChannels(tenant));
};

const RouteSchema = z.object({ tenantId: TenantIdSchema, channelId: ChannelIdSchema });
export type WebhookRoute = z.infer<typeof RouteSchema>;

/** How a webhook says for whom it is. */
export type WebhookTarget =
  | { readonly by: 'channel'; readonly channelId: ChannelId }
  | { readonly by: 'twilio'; readonly accountSid: string; readonly to: string }
  | { readonly by: 'telegram'; readonly secret: string };

const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex');

const targetKey = (target: WebhookTarget): Key => {
  switch (target.by) {
    case 'channel':
      return routeKey(target.channelId);
    case 'twilio':
      return routeKey('twilio', target.accountSid, target.to);
    case 'telegram':
      return routeKey('telegram', sha256(target.secret));
  }
};

const routeCache = cached(60, async (pk: string): Promise<WebhookRoute | undefined> => {
  const { Item } = await get(undefined, { Key: { pk, sk: 'ROUTE' } });
  return Item === undefined ? undefined : RouteSchema.parse(Item);
});

/** A stranger may claim to write to anything; the table refuses longer keys. */
const MAX_KEY_BYTES = 2_048;

/** Whose webhook is it? One read, unless asked within the last minute. */
export const findRoute = async (target: WebhookTarget): Promise<WebhookRoute | undefined> => {
  const { pk } = targetKey(target);
  return Buffer.byteLength(pk) > MAX_KEY_BYTES ? undefined : routeCache.get(pk);
};

/** As {@link findRoute}, without what is remembered. One read. */
export const findRouteAnew = (target: WebhookTarget): Promise<WebhookRoute | undefined> => {
  routeCache.forget(targetKey(target).pk);
  return findRoute(target);
};

/** Twilio's way of writing an address. */
const twilioTo = (transport: Transport, address: string): string =>
  transport === 'whatsapp' ? `whatsapp:${address}` : address;

/** What leads to a channel from outside; each leads to one channel only, of whatever tenant. */
export type ChannelEntrance =
  | {
      readonly provider: 'twilio';
      readonly accountSid: string;
      readonly transport: Transport;
      readonly address: string;
    }
  | { readonly provider: 'telegram'; readonly botId: string; readonly secret: string };

const entranceKeys = (id: ChannelId, entrance: ChannelEntrance): Key[] => {
  const own = targetKey({ by: 'channel', channelId: id });
  if (entrance.provider === 'twilio') {
    const { accountSid, transport, address } = entrance;
    return [own, targetKey({ by: 'twilio', accountSid, to: twilioTo(transport, address) })];
  }
  return [own, routeKey('telegram-bot', entrance.botId), targetKey({ by: 'telegram', secret: entrance.secret })];
};

const takeEntrance = (tenant: TenantId, id: ChannelId, key: Key): Step =>
  put(
    { ...key, tenantId: tenant, channelId: id },
    { expression: 'attribute_not_exists(pk) OR channelId = :id', values: { ':id': id } },
    () => new Failure('channel.duplicate', 'This number or bot is connected already. Disconnect it there first.'),
  );

/** Adds a channel with all that leads to it. One transaction. @throws Failure `channel.duplicate` */
export const insertChannel = async (
  tenant: TenantId,
  channel: ChannelRecord,
  entrance: ChannelEntrance,
  also: readonly Step[],
): Promise<void> => {
  await commit(tenant, [
    ...also,
    put(channelItem(tenant, channel), absent),
    ...entranceKeys(channel.id, entrance).map((key) => takeEntrance(tenant, channel.id, key)),
  ]);
  channelCache.forget(tenant);
};

/** Changes a channel that was read before. One transaction. @throws Raced */
export const changeChannel = async (
  tenant: TenantId,
  before: ChannelRecord,
  after: ChannelRecord,
  event: DomainEvent | undefined,
  also: readonly Step[] = [],
): Promise<void> => {
  await commit(tenant, [
    ...also,
    replace(channelItem(tenant, after), before),
    ...(event === undefined ? [] : [announce(event)]),
  ]);
  channelCache.forget(tenant);
};

/** What a reconciliation has found is added to what those before it did. A channel that is gone meanwhile stays gone. */
export const noteReconciled = (
  tenant: TenantId,
  { id, reconciliation }: ChannelRecord,
  found: { readonly until: string; readonly messages: number; readonly reports: number },
): Step =>
  update(channelKey(tenant, id), {
    expression: 'SET #reconciliation = :reconciliation, #revision = #revision + :one',
    condition:
      reconciliation === null
        ? 'attribute_exists(pk) AND (attribute_not_exists(#reconciliation) OR #reconciliation = :before)'
        : '#reconciliation = :before',
    names: { '#reconciliation': 'reconciliation', '#revision': 'revision' },
    values: {
      ':one': 1,
      ':before': reconciliation,
      ':reconciliation': {
        lastReconciledAt: [found.until, reconciliation?.lastReconciledAt ?? ''].toSorted().at(-1),
        messages: (reconciliation?.messages ?? 0) + found.messages,
        reports: (reconciliation?.reports ?? 0) + found.reports,
      },
    },
  });

/** Removes a channel with all that leads to it. One transaction. @throws Raced */
export const removeChannel = async (
  tenant: TenantId,
  channel: ChannelRecord,
  entrance: ChannelEntrance,
  event: DomainEvent | undefined,
  also: readonly Step[] = [],
): Promise<void> => {
  const keys = entranceKeys(channel.id, entrance);
  await commit(tenant, [
    ...also,
    remove(channelKey(tenant, channel.id), unchanged(channel.revision)),
    ...keys.map((key) => remove(key)),
    ...(event === undefined ? [] : [announce(event)]),
  ]);
  keys.forEach(({ pk }) => routeCache.forget(pk));
  channelCache.forget(tenant);
};
