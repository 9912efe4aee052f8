import * as z from 'zod';
import { MessageIdSchema, type ChannelId, type ChatId, type MessageId, type TenantId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { ChatRecordSchema, type ChatRecord } from '../domain/chat.ts';
import { ClientRecordSchema, type ClientRecord } from '../domain/client.ts';
import { notFound } from '../domain/failure.ts';
import { MessageRecordSchema, type MessageRecord } from '../domain/message.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { survivorOf } from './absorbed.ts';
import { getChat } from './chats.ts';
import { get, getTogether, query } from './client.ts';
import {
  CHAT,
  chatKey,
  clientCollection,
  clientKey,
  dueShard,
  MESSAGE,
  messageKey,
  referenceKey,
  unreadMessages,
} from './keys.ts';
import { newestFirst, type Source } from './merged.ts';
import { announce, dispatch } from './outbox.ts';
import type { Page, Paged } from './page.ts';
import { oldestShownId } from './retained.ts';
import { findScheduledIn, scheduledIn } from './scheduled.ts';
import { pageOfThread } from './thread.ts';
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

/** The messages of one collection. */
export const messagesIn =
  (tenant: TenantId) =>
  (home: ChatId): Source<MessageRecord>[] => [
    newestFirst(tenant, clientCollection(tenant, home), MESSAGE, MessageRecordSchema, { kind: 'messages' }),
  ];

/**
 * What does this chat say, newest first? One query, side by side with the read of its head, a page of items; one query
 * more for each chat that it absorbed, and as many again once anything was scheduled in it: what waits for its time, and
 * what was cancelled, stands where it was written.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`
 */
export const listMessages = (
  tenant: TenantId,
  id: ChatId,
  page: Page,
  head: Promise<Pick<ChatRecord, 'absorbed' | 'schedules'>> = getChat(tenant, id),
): Promise<Paged<MessageRecord>> =>
  pageOfThread(
    tenant,
    `messages:${id}`,
    {
      id,
      absorbed: head.then(({ absorbed }) => absorbed),
      sourcesIn: messagesIn(tenant),
      moreIn: head.then(({ schedules }) => (schedules ? scheduledIn(tenant) : undefined)),
      positionOf: (message) => message.id,
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

/** Which message is it, how does its chat stand, and what does its client allow? One read of three items. */
export const findMessageWithClient = async (
  tenant: TenantId,
  chatId: ChatId,
  id: MessageId,
): Promise<(MessageInChat & { readonly client: ClientRecord }) | undefined> => {
  const keys = [messageKey(tenant, chatId, id), chatKey(tenant, chatId), clientKey(tenant, chatId)];
  const items = await getTogether(tenant, keys);
  const [message, chat, client] = keys.map(({ sk }) => items.find((item) => item.sk === sk));
  if (message === undefined || chat === undefined || client === undefined) return undefined;
  return {
    message: MessageRecordSchema.parse(message),
    chat: ChatRecordSchema.parse(chat),
    client: ClientRecordSchema.parse(client),
  };
};

/** What became of a scheduled message, or how it waits. One read, or two. */
const findReleased = async (tenant: TenantId, homes: readonly ChatId[], id: MessageId) => {
  const scheduled = await findScheduledIn(tenant, homes, id);
  if (scheduled === undefined || scheduled.messageId === null) return scheduled;
  const { messageId } = scheduled;
  const [released] = await getTogether(
    tenant,
    homes.map((home) => messageKey(tenant, home, messageId)),
  );
  return released && MessageRecordSchema.parse(released);
};

/**
 * Which message of this chat is it, and how does the chat stand? One read of two items; one more for a message that is in
 * none but an absorbed collection, and one or two more for a scheduled one, which is the message that was made of it.
 *
 * @throws Failure `resource.not-found`, `client.absorbed`
 */
export const getMessageWithChat = async (tenant: TenantId, chatId: ChatId, id: MessageId): Promise<MessageInChat> => {
  const [oldest, items] = await Promise.all([
    oldestShownId(tenant, 'messages'),
    getTogether(tenant, [messageKey(tenant, chatId, id), chatKey(tenant, chatId)]),
  ]);
  const head = items.find(({ sk }) => sk === CHAT);
  const chat = head && ChatRecordSchema.parse(head);
  if (chat?.state !== 'active') throw chat?.state === 'absorbed' ? await survivorOf(tenant, chatId) : notFound();
  const keys = chat.absorbed.map((home) => messageKey(tenant, home, id));
  const own = items.find(({ sk }) => sk !== CHAT);
  const [message] = own !== undefined || keys.length === 0 ? [own] : await getTogether(tenant, keys);
  if (message !== undefined && id >= oldest) return { message: MessageRecordSchema.parse(message), chat };
  const scheduled = chat.schedules ? await findReleased(tenant, [chatId, ...chat.absorbed], id) : undefined;
  if (scheduled === undefined) throw notFound();
  return { message: scheduled, chat };
};

/** Which messages of these collections are unread, oldest first, up to one? One query each, a page of items. */
export const listUnread = async (
  tenant: TenantId,
  homes: readonly ChatId[],
  upTo: MessageId | undefined,
  limit: number,
): Promise<MessageRecord[]> => {
  const unread = await Promise.all(homes.map((home) => unreadIn(tenant, home, upTo, limit)));
  const inOrder = unread.flat().toSorted((one, other) => (one.id < other.id ? -1 : 1));
  return inOrder.slice(0, limit);
};

const unreadIn = async (
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
 * @param known as its holder has just written it: it is not read again unless somebody interfered
 * @returns the message as it is afterwards; undefined when there is none
 */
export const changeMessage = (
  act: Act,
  chatId: ChatId,
  id: MessageId,
  decide: (message: MessageRecord) => MessageChange | undefined | Promise<MessageChange | undefined>,
  known?: MessageRecord,
): Promise<MessageRecord | undefined> => {
  let own = known;
  return untilUndisturbed(async () => {
    const before = own ?? (await findMessage(act.tenant, chatId, id));
    own = undefined;
    if (before === undefined) return undefined;
    const change = await decide(before);
    if (change === undefined) return before;
    await saveMessage(act, before, change);
    return change.next;
  });
};

const ReferenceSchema = z.object({ messageId: MessageIdSchema.nullable() });

/** Which of our messages does the provider call by this name? One read. `forgotten`: one that was erased. */
export const findReference = async (
  tenant: TenantId,
  channelId: ChannelId,
  providerId: string,
): Promise<MessageId | 'forgotten' | undefined> => {
  const { Item } = await get(tenant, { Key: referenceKey(tenant, channelId, providerId), ConsistentRead: true });
  return Item === undefined ? undefined : (ReferenceSchema.parse(Item).messageId ?? 'forgotten');
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
  { id, chatId }: Pick<MessageRecord, 'id' | 'chatId'>,
): Step => put({ ...referenceKey(tenant, channelId, providerId), messageId: id, chatId });
