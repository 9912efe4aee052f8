import type { ChannelId, ChatId, TenantId } from '../contract/vocabulary.ts';
import { digest, type ChatRecord } from '../domain/chat.ts';
import type { MessageRecord } from '../domain/message.ts';
import { positionOf } from './chats.ts';
import { chatKey, inbox, unreadChats } from './keys.ts';
import { Raced, update, type Step } from './transaction.ts';

/** The chat is not there to be written to: deleted, or never there. */
export class ChatGone extends Error {
  override name = 'ChatGone';
}

/** The chat has not been opened yet. Opening is announced, so the write has to know. */
export class ChatUnopened extends Raced {
  override name = 'ChatUnopened';
}

const refusal = (existing: Readonly<Record<string, unknown>> | undefined): Error => {
  if (existing?.state !== 'active') return new ChatGone('The chat is not active.');
  return 'openedAt' in existing
    ? new Raced('The chat was opened, or got a later message, meanwhile.')
    : new ChatUnopened('The chat is not open.');
};

interface HeadChange {
  readonly sets: readonly string[];
  readonly names: Record<string, string>;
  readonly values: Record<string, unknown>;
}

const enter = (
  tenant: TenantId,
  message: MessageRecord,
  status: ChatRecord['status'],
  opens: boolean,
  change: HeadChange,
): Step => {
  const sets = [
    'lastMessageAt = :at',
    'lastMessage = :lastMessage',
    '#status = :status',
    'gsi1pk = :gsi1pk',
    // Without their partition the chat is in neither of these indexes, and their position does not matter.
    'gsi1sk = :position',
    'gsi2sk = :position',
    'gsi3sk = :position',
    ...(opens ? ['openedAt = :at'] : []),
    ...change.sets,
  ];
  const at = message.createdAt;
  return update(
    chatKey(tenant, message.chatId),
    {
      expression: `SET ${sets.join(', ')}`,
      // A message that was made before the latest one but comes after it is made again, so that the latest stays the latest.
      condition: [
        '#state = :active',
        `${opens ? 'attribute_not_exists' : 'attribute_exists'}(openedAt)`,
        '(attribute_not_exists(lastMessage.#id) OR lastMessage.#id < :id)',
      ].join(' AND '),
      names: { '#state': 'state', '#status': 'status', '#id': 'id', ...change.names },
      values: {
        ':active': 'active',
        ':at': at,
        ':id': message.id,
        ':lastMessage': digest(message),
        ':status': status,
        ':gsi1pk': inbox(tenant, status),
        ':position': positionOf(at, message.chatId),
        ...change.values,
      },
    },
    refusal,
  );
};

/** What a client's message changes in its chat's head: it is the latest, unread, and the chat is open. */
export const enterInbound = (
  tenant: TenantId,
  message: MessageRecord,
  opens: boolean,
  from: { readonly channelId: ChannelId; readonly address: string },
): Step =>
  enter(tenant, message, 'open', opens, {
    sets: [
      'unreadCount = unreadCount + :one',
      'gsi2pk = :gsi2pk',
      'lastInboundTransport = :transport',
      'routesBack.#transport = :routeBack',
    ],
    names: { '#transport': message.transport },
    values: { ':one': 1, ':gsi2pk': unreadChats(tenant), ':transport': message.transport, ':routeBack': from },
  });

/** What our own message changes in its chat's head. */
export const enterOutbound = (tenant: TenantId, message: MessageRecord, chat: ChatRecord): Step =>
  enter(tenant, message, chat.status, chat.openedAt === null, { sets: [], names: {}, values: {} });

/** `count` messages fewer are unread; with none left the chat leaves the list of unread ones. */
export const leaveUnread = (tenant: TenantId, chat: ChatRecord, count: number): Step => {
  const left = chat.unreadCount - count;
  return update(chatKey(tenant, chat.id), {
    expression: left > 0 ? 'SET unreadCount = :left' : 'SET unreadCount = :left REMOVE gsi2pk',
    condition: '#state = :active AND unreadCount = :before',
    names: { '#state': 'state' },
    values: { ':active': 'active', ':left': left, ':before': chat.unreadCount },
  });
};

/** As many messages fewer are unread in a collection that another chat absorbed: its own count, should it come back. */
export const leaveAbsorbedUnread = (tenant: TenantId, home: ChatId, count: number): Step =>
  update(chatKey(tenant, home), {
    expression: 'SET unreadCount = unreadCount - :count',
    condition: '#state = :absorbed',
    names: { '#state': 'state' },
    values: { ':absorbed': 'absorbed', ':count': count },
  });

const changeHeld =
  (verb: 'ADD' | 'DELETE') =>
  (tenant: TenantId, { chatId, id }: { readonly chatId: ChatId; readonly id: string }): Step =>
    update(chatKey(tenant, chatId), {
      expression: `${verb} #held :ids`,
      condition: 'attribute_exists(pk)',
      names: { '#held': 'held' },
      values: { ':ids': new Set([id]) },
    });

/** The message waits outside the queue: later ones of its chat wait behind it. */
export const holdPlace = changeHeld('ADD');

/** The message waits no longer. */
export const givePlaceUp = changeHeld('DELETE');
