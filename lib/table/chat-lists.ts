import * as z from 'zod';
import type { ChannelId, TenantId, Transport } from '../contract/vocabulary.ts';
import { ChatRecordSchema, type ChatRecord } from '../domain/chat.ts';
import { query } from './client.ts';
import { openCursor, sealCursor, type StartKey } from './cursor.ts';
import { assignedChats, inbox, unassignedChats, unreadChats } from './keys.ts';
import type { Page, Paged } from './page.ts';

interface ChatFilter {
  readonly unread: boolean;
  readonly status?: ChatRecord['status'] | undefined;
  /** `none`: nobody has the chat. */
  readonly assigneeId?: string | undefined;
  readonly transport?: Transport | undefined;
  readonly channelId?: ChannelId | undefined;
}

interface ChatIndex {
  readonly index: 'gsi1' | 'gsi2' | 'gsi3';
  readonly partition: string;
}

/**
 * The index that serves the filter best; what it does not cover is filtered. What waits is less than what has ever been,
 * and most chats that nobody has are done with.
 */
const chatIndex = (tenant: TenantId, { unread, status, assigneeId }: ChatFilter): ChatIndex => {
  if (unread) return { index: 'gsi2', partition: unreadChats(tenant) };
  const isFew = status === 'snoozed' || (status === 'open' && assigneeId === 'none');
  if (assigneeId === undefined || isFew) return { index: 'gsi1', partition: inbox(tenant, status ?? 'open') };
  const partition = assigneeId === 'none' ? unassignedChats(tenant) : assignedChats(tenant, assigneeId);
  return { index: 'gsi3', partition };
};

/** What the index does not cover. */
const filterOf = ({ index }: ChatIndex, { status, assigneeId, transport, channelId }: ChatFilter) => {
  const wanted = [
    { path: '#status', name: 'status', value: index === 'gsi1' ? undefined : status },
    {
      path: '#assigneeId',
      name: 'assigneeId',
      value: index === 'gsi3' ? undefined : assigneeId === 'none' ? null : assigneeId,
    },
    { path: '#lastMessage.#transport', name: 'transport', value: transport },
    { path: '#lastMessage.#channelId', name: 'channelId', value: channelId },
  ].filter(({ value }) => value !== undefined);
  const fields = wanted.flatMap(({ path }) => path.split('.'));
  return {
    conditions: wanted.map(({ path, name }) => `${path} = :${name}`),
    names: Object.fromEntries(fields.map((field) => [field, field.slice(1)])),
    values: Object.fromEntries(wanted.map(({ name, value }) => [`:${name}`, value])),
  };
};

/** How many chats more are looked at for a page that a filter leaves short. */
const LOOKS = [100, 200] as const;

const PlaceSchema = z.record(z.string(), z.string());

/** Where an item of an index stands. */
const placeIn = (index: string, item: Readonly<Record<string, unknown>>): StartKey =>
  PlaceSchema.parse(
    Object.fromEntries(['pk', 'sk', `${index}pk`, `${index}sk`].map((name) => [name, item[name]] as const)),
  );

/**
 * Which chats are there, latest message first: by status, the unread, those of a user, those of nobody? One query, a page
 * of items; where the rest of a filter leaves the page short, two more that look at 300 chats at most.
 */
export const listChats = async (
  tenant: TenantId,
  filter: ChatFilter,
  { limit, cursor }: Page,
): Promise<Paged<ChatRecord>> => {
  const list = `chats:${JSON.stringify(filter)}`;
  const served = chatIndex(tenant, filter);
  const { conditions, names, values } = filterOf(served, filter);
  const found: Record<string, unknown>[] = [];
  let place = cursor === undefined ? undefined : await openCursor(tenant, list, cursor);
  for (const looks of conditions.length === 0 ? [limit] : [limit, ...LOOKS]) {
    const { Items = [], LastEvaluatedKey } = await query(tenant, {
      IndexName: served.index,
      KeyConditionExpression: `${served.index}pk = :pk`,
      ExpressionAttributeValues: { ...values, ':pk': served.partition },
      ScanIndexForward: false,
      Limit: looks,
      ...(place && { ExclusiveStartKey: place }),
      ...(conditions.length > 0 && { FilterExpression: conditions.join(' AND '), ExpressionAttributeNames: names }),
    });
    found.push(...Items);
    place = PlaceSchema.optional().parse(LastEvaluatedKey);
    if (place === undefined || found.length >= limit) break;
  }
  const [items, last] = [found.slice(0, limit), found[limit - 1]];
  if (found.length > limit && last !== undefined) place = placeIn(served.index, last);
  return {
    items: items.map((item) => ChatRecordSchema.parse(item)),
    nextCursor: place === undefined ? null : await sealCursor(tenant, list, place),
  };
};

/** How many open chats are looked at for those that nobody has. */
const LATEST = 500;

/** Which of the latest open chats has nobody? One query. */
export const findUnassigned = async (tenant: TenantId): Promise<ChatRecord[]> => {
  const { Items = [] } = await query(tenant, {
    IndexName: 'gsi1',
    KeyConditionExpression: 'gsi1pk = :pk',
    FilterExpression: 'assigneeId = :nobody',
    ExpressionAttributeValues: { ':pk': inbox(tenant, 'open'), ':nobody': null },
    ScanIndexForward: false,
    Limit: LATEST,
  });
  return Items.map((item) => ChatRecordSchema.parse(item));
};
