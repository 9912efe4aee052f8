import type { ChatId, TenantId } from '../contract/vocabulary.ts';
import type { Member } from '../contract/messages.ts';
import { ChatRecordSchema, type ChatRecord } from '../domain/chat.ts';
import { ClientRecordSchema, type ClientRecord } from '../domain/client.ts';
import { notFound, type Failure } from '../domain/failure.ts';
import { absenceOf, survivorOf } from './absorbed.ts';
import { get, getTogether, queryAll } from './client.ts';
import {
  assignedChats,
  CHAT,
  chatKey,
  CLIENT,
  clientCollection,
  clientKey,
  inbox,
  projectionShard,
  unassignedChats,
  unreadChats,
} from './keys.ts';
import { membersAmong } from './member-items.ts';
import { update, type Step } from './transaction.ts';

/** Where a chat stands in the lists. */
export const positionOf = (at: string, id: ChatId): string => `${at}#${id}`;

/** `openedAt` is left out until the chat is opened, so that conditions can ask for it; the table keeps no empty set. */
export const chatItem = (tenant: TenantId, chat: ChatRecord) => {
  const { openedAt, held, ...rest } = chat;
  return {
    ...chatKey(tenant, chat.id),
    ...rest,
    ...(held.size > 0 && { held }),
    ...(openedAt !== null && { openedAt }),
    ...chatIndexes(tenant, chat),
  };
};

/** In which partitions a chat stands: once it is opened that of its status, of the unread, and of whoever has it. */
const chatPartitions = (tenant: TenantId, chat: ChatRecord): Partial<Record<string, string>> => ({
  ...(chat.openedAt !== null && {
    gsi1pk: inbox(tenant, chat.status),
    gsi3pk: chat.assigneeId === null ? unassignedChats(tenant) : assignedChats(tenant, chat.assigneeId),
  }),
  ...(chat.unreadCount > 0 && { gsi2pk: unreadChats(tenant) }),
  // Very many may be due at the same moment, such as the beginning of a working day.
  ...(chat.snoozedUntil !== null && { gsi4pk: projectionShard(chat.id) }),
});

/** The lists that a chat is in. Without a partition it is not, and its place there does not matter. */
const chatIndexes = (tenant: TenantId, chat: ChatRecord): Partial<Record<string, string>> => {
  const position = positionOf(chat.lastMessageAt ?? chat.openedAt ?? chat.createdAt, chat.id);
  return {
    ...(chat.openedAt !== null && { gsi1sk: position, gsi3sk: position }),
    ...(chat.unreadCount > 0 && { gsi2sk: position }),
    ...(chat.snoozedUntil !== null && { gsi4sk: positionOf(chat.snoozedUntil, chat.id) }),
    ...chatPartitions(tenant, chat),
  };
};

/** Which chat has this id, hidden or not? One read. */
export const findChat = async (tenant: TenantId, id: ChatId): Promise<ChatRecord | undefined> => {
  const { Item } = await get(tenant, { Key: chatKey(tenant, id), ConsistentRead: true });
  return Item === undefined ? undefined : ChatRecordSchema.parse(Item);
};

/** Which chats have these ids, hidden or not? One read of all. */
export const findChats = async (tenant: TenantId, ids: readonly ChatId[]): Promise<ChatRecord[]> => {
  if (ids.length === 0) return [];
  const items = await getTogether(
    tenant,
    ids.map((id) => chatKey(tenant, id)),
  );
  return items.map((item) => ChatRecordSchema.parse(item));
};

/** Which chat has this id? One read. @throws Failure `resource.not-found`, `client.absorbed` */
export const getChat = async (tenant: TenantId, id: ChatId): Promise<ChatRecord> => {
  const chat = await findChat(tenant, id);
  if (chat?.state === 'active') return chat;
  throw chat?.state === 'absorbed' ? await survivorOf(tenant, id) : notFound();
};

/** Why the client among these items of its collection has no chat to be worked with. */
const absenceIn = (items: readonly Record<string, unknown>[]): Failure => {
  const client = items.find(({ sk }) => sk === CLIENT);
  return absenceOf(client && ClientRecordSchema.parse(client));
};

/** How does the chat stand, and who takes part? One query; its size is that of the profile and the members. */
export const getChatWithMembers = async (
  tenant: TenantId,
  id: ChatId,
): Promise<{ readonly chat: ChatRecord; readonly members: Member[] }> => {
  const items = await queryAll(tenant, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :heads)',
    ExpressionAttributeValues: { ':pk': clientCollection(tenant, id), ':heads': '#' },
    ConsistentRead: true,
  });
  const chat = items.find(({ sk }) => sk === CHAT);
  if (chat?.state !== 'active') throw absenceIn(items);
  return { chat: ChatRecordSchema.parse(chat), members: membersAmong(id, items) };
};

/** How does the chat stand, and whose is it? One read of two items. @throws Failure `resource.not-found`, `client.absorbed` */
export const getChatAndClient = async (
  tenant: TenantId,
  id: ChatId,
): Promise<{ readonly chat: ChatRecord; readonly client: ClientRecord }> => {
  const items = await getTogether(tenant, [chatKey(tenant, id), clientKey(tenant, id)]);
  const chat = items.find(({ sk }) => sk === CHAT);
  const client = items.find(({ sk }) => sk === CLIENT);
  if (chat === undefined || client === undefined || chat.state !== 'active') throw absenceIn(items);
  return { chat: ChatRecordSchema.parse(chat), client: ClientRecordSchema.parse(client) };
};

/** Hides a chat: from here on nothing enters it. */
export const hideChat = (tenant: TenantId, id: ChatId): Step =>
  update(chatKey(tenant, id), {
    expression: 'SET #state = :deleted REMOVE gsi1pk, gsi2pk, gsi3pk, gsi4pk',
    condition: '#state = :active',
    names: { '#state': 'state' },
    values: { ':active': 'active', ':deleted': 'deleted' },
  });

/** Shows a hidden chat again, in the lists where it was. Nothing that they depend on has changed while it was hidden. */
export const showChat = (tenant: TenantId, chat: ChatRecord): Step => {
  const indexes = Object.entries(chatPartitions(tenant, chat));
  return update(chatKey(tenant, chat.id), {
    expression: `SET ${['#state = :active', '#client = :client', ...indexes.map(([name]) => `${name} = :${name}`)].join(', ')}`,
    condition: '#state = :deleted',
    names: { '#state': 'state', '#client': 'client' },
    values: {
      ':active': 'active',
      ':deleted': 'deleted',
      ':client': chat.client,
      ...Object.fromEntries(indexes.map(([name, partition]) => [`:${name}`, partition])),
    },
  });
};

/** Keeps the name on a chat that of its client. */
export const renameChat = (tenant: TenantId, before: ClientRecord, after: ClientRecord): Step[] =>
  before.firstName === after.firstName && before.lastName === after.lastName
    ? []
    : [
        update(chatKey(tenant, after.id), {
          expression: 'SET #client = :client',
          condition: '#state = :active',
          names: { '#client': 'client', '#state': 'state' },
          values: { ':active': 'active', ':client': { firstName: after.firstName, lastName: after.lastName } },
        }),
      ];
