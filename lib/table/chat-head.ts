import { isDeepStrictEqual } from 'node:util';
import type { TenantId } from '../contract/vocabulary.ts';
import type { ChatRecord } from '../domain/chat.ts';
import { chatItem } from './chats.ts';
import { chatKey } from './keys.ts';
import { Raced, update, type Step } from './transaction.ts';

const FIELDS = [
  'state',
  'client',
  'status',
  'snoozedUntil',
  'openSince',
  'resolvedAt',
  'assigneeId',
  'decidedAfter',
  'unreadCount',
  'lastMessageAt',
  'lastMessage',
  'openedAt',
  'lastInboundTransport',
  'routesBack',
  'schedules',
  'absorbed',
  'version',
] as const;

const INDEXES = ['gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk', 'gsi3pk', 'gsi3sk', 'gsi4pk', 'gsi4sk'] as const;

/** That nothing has entered or left the chat since it was read: all of which what becomes of it follows. */
const asRead = (chat: ChatRecord): { conditions: string[]; values: Record<string, unknown> } => ({
  conditions: [
    '#state = :wasState',
    '#version = :wasVersion',
    '(attribute_not_exists(#schedules) OR #schedules = :wasSchedules)',
    'unreadCount = :wasUnread',
    chat.openedAt === null ? 'attribute_not_exists(openedAt)' : 'openedAt = :wasOpened',
    chat.lastMessage === null ? 'attribute_not_exists(lastMessage.#id)' : 'lastMessage.#id = :wasLast',
  ],
  values: {
    ':wasState': chat.state,
    // Whoever changes the status or the assignee counts it up.
    ':wasVersion': chat.version,
    ':wasSchedules': chat.schedules,
    ':wasUnread': chat.unreadCount,
    ...(chat.openedAt !== null && { ':wasOpened': chat.openedAt }),
    ...(chat.lastMessage !== null && { ':wasLast': chat.lastMessage.id }),
  },
});

/**
 * Changes a chat's head that was read before, and where it stands in the lists: only an active one stands there. All else,
 * such as its client's name or what waits outside the queue, is left as it is. Refused with Raced.
 */
export const changeHead = (tenant: TenantId, before: ChatRecord, after: ChatRecord): Step => {
  const item = new Map<string, unknown>(Object.entries(chatItem(tenant, after)));
  if (after.state !== 'active') for (const name of INDEXES) item.delete(name);
  const changed = FIELDS.filter((name) => !isDeepStrictEqual(before[name], after[name]));
  const all = [...changed, ...INDEXES];
  const kept = all.filter((name) => item.get(name) !== undefined);
  const gone = all.filter((name) => item.get(name) === undefined);
  const { conditions, values } = asRead(before);
  const sets = kept.map((name) => `#${name} = :${name}`).join(', ');
  const removes = gone.map((name) => `#${name}`).join(', ');
  return update(chatKey(tenant, before.id), {
    expression: `SET ${sets}${removes === '' ? '' : ` REMOVE ${removes}`}`,
    condition: conditions.join(' AND '),
    names: Object.fromEntries([...all, 'state', 'version', 'schedules', 'id'].map((name) => [`#${name}`, name])),
    values: { ...values, ...Object.fromEntries(kept.map((name) => [`:${name}`, item.get(name)])) },
  });
};

/**
 * Opens a chat by a message, be it for the first time or again. A message that was made before the latest one but comes
 * after it is made again, so that the latest stays the latest.
 *
 * @throws Raced
 */
export const openByMessage = (tenant: TenantId, before: ChatRecord, after: ChatRecord): Step => {
  const isLatest = (after.lastMessage?.id ?? '') > (before.lastMessage?.id ?? '');
  if (!isLatest) throw new Raced('The chat got a later message meanwhile.');
  return changeHead(tenant, before, after);
};
