import * as z from 'zod';
import { MessageIdSchema, type ChannelId, type ChatId, type MessageId, type TenantId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { ChatRecordSchema, type ChatRecord } from '../domain/chat.ts';
import { notFound } from '../domain/failure.ts';
import { MessageRecordSchema, type MessageRecord } from '../domain/message.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { get, getTogether, query } from './client.ts';
import {
  CHAT,
  chatKey,
  clientCollection,
  dueShard,
  MESSAGE,
  messageKey,
  referenceKey,
  unreadMessages,
} from './keys.ts';
import { announce, dispatch } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { commit, put, replace, untilUndisturbed, type Step } from './transaction.ts';

const messageItem = (tenant: TenantId, message: MessageRecord) => ({
  ...messageKey(tenant, message.chatId, message.id),
  ...message,
  ...(message.direction === 'inbound' &&
    message.readAt === null && { gsi2pk: unreadMessages(tenant, message.chatId), gsi2sk: message.id }),
  ...(message.dueAt !== null && { gsi4pk: dueShard(message.chatId), gsi4sk: `${message.dueAt}#${message.id}` }),
});

export const insertMessage = (tenant: TenantId, message: MessageRecord): Step => put(messageItem(tenant, message));

export const replaceMessage = (tenant: TenantId, before: MessageRecord, after: MessageRecord): Step =>
  replace(messageItem(tenant, after), before);

/** Which message of this chat has this id? One read. */
export const findMessage = async (
  tenant: TenantId,
  chatId: ChatId,
  id: MessageId,
): Promise<MessageRecord | undefined> => {
  const { Item } = await get(tenant, { Key: messageKey(tenant, chatId, id), ConsistentRead: true });
  return Item === undefined ? undefined : MessageRecordSchema.parse(Item);
};

/** What does this chat say, newest first? One query, a page of items. */
export const listMessages = (tenant: TenantId, id: ChatId, page: Page): Promise<Paged<MessageRecord>> =>
  queryPage(
    tenant,
    `messages:${id}`,
    MessageRecordSchema,
    {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :messages)',
      ExpressionAttributeValues: { ':pk': clientCollection(tenant, id), ':messages': MESSAGE },
      ScanIndexForward: false,
    },
    page,
  );

interface MessageInChat {
  readonly message: MessageRecord;
  readonly chat: ChatRecord;
}

/** Which message is it, and how does its chat stand, hidden or not? One read of two items. */
export const findMessageInChat = async (
  tenant: TenantId,
  chatId: ChatId,
  id: MessageId,
): Promise<MessageInChat | undefined> => {
  const items = await getTogether(tenant, [messageKey(tenant, chatId, id), chatKey(tenant, chatId)]);
  const chat = items.find(({ sk }) => sk === CHAT);
  const message = items.find(({ sk }) => sk !== CHAT);
  if (chat === undefined || message === undefined) return undefined;
  return { message: MessageRecordSchema.parse(message), chat: ChatRecordSchema.parse(chat) };
};

/** Which message is it, and how does its chat stand? One read of two items. @throws Failure `resource.not-found` */
export const getMessageWithChat = async (tenant: TenantId, chatId: ChatId, id: MessageId): Promise<MessageInChat> => {
  const found = await findMessageInChat(tenant, chatId, id);
  if (found?.chat.state !== 'active') throw notFound();
  return found;
};

/** Which messages of this chat are unread, oldest first, up to one? One query, a page of items. */
export const listUnread = async (
  tenant: TenantId,
  chatId: ChatId,
  upTo: MessageId | undefined,
  limit: number,
): Promise<MessageRecord[]> => {
  const { Items = [] } = await query(tenant, {
    IndexName: 'gsi2',
    KeyConditionExpression: upTo === undefined ? 'gsi2pk = :pk' : 'gsi2pk = :pk AND gsi2sk <= :upTo',
    ExpressionAttributeValues: { ':pk': unreadMessages(tenant, chatId), ...(upTo !== undefined && { ':upTo': upTo }) },
    Limit: limit,
  });
  return Items.map((item) => MessageRecordSchema.parse(item));
};

/** What becomes of a message, and what is told of it. */
export interface MessageChange {
  readonly next: MessageRecord;
  readonly event?: DomainEvent;
  /** Whether it goes on its provider's queue. */
  readonly queued?: boolean;
  readonly also?: readonly Step[];
}

const changeSteps = (act: Act, before: MessageRecord, change: MessageChange): Step[] => [
  replaceMessage(act.tenant, before, change.next),
  ...(change.queued === true ? [dispatch(act, change.next, change.event)] : []),
  ...(change.queued !== true && change.event !== undefined ? [announce(change.event)] : []),
  ...(change.also ?? []),
];

/** Changes a message that was read before. One transaction. @throws Raced */
export const saveMessage = (act: Act, before: MessageRecord, change: MessageChange): Promise<void> =>
  commit(act.tenant, changeSteps(act, before, change));

/**
 * Reads a message, decides, and writes, until nobody interferes. One read and one transaction without contention.
 *
 * @param decide gives undefined where nothing is to be changed
 * @returns the message as it is afterwards; undefined when there is none
 */
export const changeMessage = (
  act: Act,
  chatId: ChatId,
  id: MessageId,
  decide: (message: MessageRecord) => MessageChange | undefined | Promise<MessageChange | undefined>,
): Promise<MessageRecord | undefined> =>
  untilUndisturbed(async () => {
    const before = await findMessage(act.tenant, chatId, id);
    if (before === undefined) return undefined;
    const change = await decide(before);
    if (change === undefined) return before;
    await saveMessage(act, before, change);
    return change.next;
  });

const ReferenceSchema = z.object({ messageId: MessageIdSchema.nullable() });

/** Which of our messages does the provider call by this name? One read. */
export const findReference = async (
  tenant: TenantId,
  channelId: ChannelId,
  providerId: string,
): Promise<MessageId | undefined> => {
  const { Item } = await get(tenant, { Key: referenceKey(tenant, channelId, providerId), ConsistentRead: true });
  return Item === undefined ? undefined : (ReferenceSchema.parse(Item).messageId ?? undefined);
};

/** Has seen this already: the provider repeats itself. */
export class Replayed extends Error {
  override name = 'Replayed';
}

/** Remembers an update by the provider's name for it, with what was received. Refused with Replayed. */
export const recordReceipt = (
  tenant: TenantId,
  channelId: ChannelId,
  providerId: string,
  receipt: { readonly messageId: MessageId; readonly raw: string; readonly receivedAt: string },
): Step =>
  put(
    { ...referenceKey(tenant, channelId, providerId), ...receipt },
    { expression: 'attribute_not_exists(pk)' },
    () => new Replayed('This update was received before.'),
  );

/** Remembers what the provider calls a message, so that edits, reports and searches find it. */
export const recordReference = (
  tenant: TenantId,
  channelId: ChannelId,
  providerId: string,
  messageId: MessageId,
): Step => put({ ...referenceKey(tenant, channelId, providerId), messageId });
