import type { ChatId, TenantId } from '../contract/vocabulary.ts';
import { digest, waysBack, type ChatRecord, type RouteBack } from '../domain/chat.ts';
import { chatOpenedBySending } from '../domain/chat-message.ts';
import type { MessageRecord } from '../domain/message.ts';
import { openByMessage } from './chat-head.ts';
import { positionOf } from './chats.ts';
import { chatKey, unreadChats } from './keys.ts';
import { Raced, update, type Step } from './transaction.ts';

/** The chat is not there to be written to: deleted, or never there. */
export class ChatGone extends Error {
  override name = 'ChatGone';
}

/** The chat is not open: nobody opened it yet, or it is resolved or snoozed. Opening is announced, so the write has to know. */
export class ChatDormant extends Raced {
  override name = 'ChatDormant';
}

const isOpen = ({ openedAt, status }: Readonly<Record<string, unknown>>): boolean =>
  openedAt !== undefined && status === 'open';

const refusal =
  (opens: boolean) =>
  (existing: Readonly<Record<string, unknown>> | undefined): Error => {
    if (existing?.state !== 'active') return new ChatGone('The chat is not active.');
    if (opens && !isOpen(existing)) return new ChatDormant('The chat is not open.');
    return new Raced('The chat was opened, or got a later message, meanwhile.');
  };

interface HeadChange {
  readonly sets: readonly string[];
  readonly names: Record<string, string>;
  readonly values: Record<string, unknown>;
  /** What else has to hold of the chat. */
  readonly conditions: readonly string[];
}

const enter = (tenant: TenantId, message: MessageRecord, change: HeadChange, refused: Step['refused']): Step => {
  const sets = [
    'lastMessageAt = :at',
    'lastMessage = :lastMessage',
    // Without their partition the chat is in none of these indexes, and their position does not matter.
    'gsi1sk = :position',
    'gsi2sk = :position',
    'gsi3sk = :position',
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
        'attribute_exists(openedAt)',
        '(attribute_not_exists(lastMessage.#id) OR lastMessage.#id < :id)',
        ...change.conditions,
      ].join(' AND '),
      names: { '#state': 'state', '#id': 'id', ...change.names },
      values: {
        ':active': 'active',
        ':at': at,
        ':id': message.id,
        ':lastMessage': digest(message),
        ':position': positionOf(at, message.chatId),
        ...change.values,
      },
    },
    refused,
  );
};

/**
 * What a client's message changes in the head of its open chat: it is the latest, and unread.
 *
 * @param known the ways back, where the message was brought in late and may not be the latest on each of them
 * @throws ChatDormant
 */
export const enterInbound = (
  tenant: TenantId,
  message: MessageRecord,
  from: RouteBack,
  known?: ChatRecord['routesBack'],
): Step => {
  const ways = Object.entries(waysBack(message, from, known));
  return enter(
    tenant,
    message,
    {
      sets: [
        'unreadCount = unreadCount + :one',
        'gsi2pk = :gsi2pk',
        'lastInboundTransport = :transport',
        ...ways.map((_, index) => `routesBack.#way${index} = :way${index}`),
      ],
      names: { '#status': 'status', ...Object.fromEntries(ways.map(([name], index) => [`#way${index}`, name])) },
      values: {
        ':one': 1,
        ':gsi2pk': unreadChats(tenant),
        ':transport': message.transport,
        ...Object.fromEntries(ways.map(([, way], index) => [`:way${index}`, way])),
        ':open': 'open',
      },
      conditions: ['#status = :open'],
    },
    refusal(true),
  );
};

/** What our own message changes in its chat's head, whatever the chat's status. */
export const enterOutbound = (tenant: TenantId, message: MessageRecord, chat: ChatRecord): Step =>
  chat.openedAt === null
    ? openByMessage(tenant, chat, chatOpenedBySending(chat, message))
    : enter(tenant, message, { sets: [], names: {}, values: {}, conditions: [] }, refusal(false));

/** `count` messages fewer are unread; with none left the chat leaves the list of unread ones. */
export const leaveUnread = (tenant: TenantId, chat: ChatRecord, count: number): Step => {
  const left = chat.unreadCount - count;
  return update(chatKey(tenant, chat.id), {
    expression: left > 0 ? 'SET unreadCount = :left' : 'SET unreadCount = :left REMOVE gsi2pk',
    // The version as well: what is announced of the chat is as it stood.
    condition: '#state = :active AND unreadCount = :before AND #version = :version',
    names: { '#state': 'state', '#version': 'version' },
    values: { ':active': 'active', ':left': left, ':before': chat.unreadCount, ':version': chat.version },
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

interface Waiting {
  readonly chatId: ChatId;
  readonly id: string;
}

const changeHeld = (verb: 'ADD' | 'DELETE', tenant: TenantId, { chatId, id }: Waiting): Step =>
  update(chatKey(tenant, chatId), {
    expression: `${verb} #held :ids`,
    condition: 'attribute_exists(pk)',
    names: { '#held': 'held' },
    values: { ':ids': new Set([id]) },
  });

/** The message waits outside the queue: later ones of its chat wait behind it. */
export const holdPlace = (tenant: TenantId, message: Waiting): Step => changeHeld('ADD', tenant, message);

/** The message waits no longer. */
export const givePlaceUp = (tenant: TenantId, message: Waiting): Step => changeHeld('DELETE', tenant, message);
