import type { ChatId, MessageId, TenantId } from '../contract/vocabulary.ts';
import { ScheduledRecordSchema, type ScheduledRecord } from '../domain/scheduled.ts';
import { ChatGone } from './chat-entry.ts';
import { getChat } from './chats.ts';
import { get, getTogether } from './client.ts';
import { chatKey, clientCollection, dueShard, SCHEDULED, scheduledKey } from './keys.ts';
import { newestFirst, type Source } from './merged.ts';
import type { Page, Paged } from './page.ts';
import { pageOfThread } from './thread.ts';
import { put, replace, update, type Step } from './transaction.ts';

const scheduledItem = (tenant: TenantId, message: ScheduledRecord) => ({
  ...scheduledKey(tenant, message.chatId, message.id),
  ...message,
  ...(message.dueAt !== null && { gsi4pk: dueShard(message.chatId), gsi4sk: `${message.dueAt}#${message.id}` }),
});

/** Refused with ChatGone: nothing is scheduled in a chat that is not active. The chat knows from here on that it has some. */
export const insertScheduled = (tenant: TenantId, message: ScheduledRecord): Step[] => [
  update(
    chatKey(tenant, message.chatId),
    {
      expression: 'SET #schedules = :true',
      condition: '#state = :active',
      names: { '#schedules': 'schedules', '#state': 'state' },
      values: { ':true': true, ':active': 'active' },
    },
    () => new ChatGone('The chat is not active.'),
  ),
  put(scheduledItem(tenant, message)),
];

export const replaceScheduled = (tenant: TenantId, before: ScheduledRecord, after: ScheduledRecord): Step =>
  replace(scheduledItem(tenant, after), before);

/** Which scheduled message of this collection has this id? One read. */
export const findScheduled = async (
  tenant: TenantId,
  home: ChatId,
  id: MessageId,
): Promise<ScheduledRecord | undefined> => {
  const { Item } = await get(tenant, { Key: scheduledKey(tenant, home, id), ConsistentRead: true });
  return Item === undefined ? undefined : ScheduledRecordSchema.parse(Item);
};

/** Which scheduled message of these collections has this id? One read of all. */
export const findScheduledIn = async (
  tenant: TenantId,
  homes: readonly ChatId[],
  id: MessageId,
): Promise<ScheduledRecord | undefined> => {
  const [item] = await getTogether(
    tenant,
    homes.map((home) => scheduledKey(tenant, home, id)),
  );
  return item && ScheduledRecordSchema.parse(item);
};

/** What was scheduled in one collection, and was not made a message of: in this state, or in any. */
export const scheduledIn =
  (tenant: TenantId, status?: 'scheduled' | 'cancelled') =>
  (home: ChatId): Source<ScheduledRecord>[] => [
    newestFirst(tenant, clientCollection(tenant, home), SCHEDULED, ScheduledRecordSchema, {
      FilterExpression: status === undefined ? 'messageId = :none' : 'messageId = :none AND #status = :status',
      ...(status !== undefined && { ExpressionAttributeNames: { '#status': 'status' } }),
      ExpressionAttributeValues: { ':none': null, ...(status !== undefined && { ':status': status }) },
    }),
  ];

/**
 * What waits for its time in this chat, or was cancelled before it, the latest written first? One query, side by side with
 * the read of its head, a page of items; one query more for each chat that it absorbed.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`
 */
export const listScheduled = (
  tenant: TenantId,
  id: ChatId,
  status: 'scheduled' | 'cancelled',
  page: Page,
): Promise<Paged<ScheduledRecord>> =>
  pageOfThread(
    tenant,
    `${status}:${id}`,
    {
      id,
      absorbed: getChat(tenant, id).then(({ absorbed }) => absorbed),
      sourcesIn: scheduledIn(tenant, status),
      positionOf: (message) => message.id,
    },
    page,
  );
