import type { TenantId } from '../contract/vocabulary.ts';
import type { ChatRecord } from '../domain/chat.ts';
import { chatItem } from './chats.ts';
import { chatKey } from './keys.ts';
import { update, type Step } from './transaction.ts';

const FIELDS = [
  'state',
  'client',
  'status',
  'assigneeId',
  'unreadCount',
  'lastMessageAt',
  'lastMessage',
  'openedAt',
  'lastInboundTransport',
  'routesBack',
  'absorbed',
  'version',
] as const;

const INDEXES = ['gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk', 'gsi3pk', 'gsi3sk'] as const;

/** That nothing has entered or left the chat since it was read: all of which what becomes of it follows. */
const asRead = (chat: ChatRecord): { conditions: string[]; values: Record<string, unknown> } => ({
  conditions: [
    '#state = :wasState',
    '#status = :wasStatus',
    'assigneeId = :wasAssignee',
    'unreadCount = :wasUnread',
    chat.openedAt === null ? 'attribute_not_exists(openedAt)' : 'openedAt = :wasOpened',
    chat.lastMessage === null ? 'attribute_not_exists(lastMessage.#id)' : 'lastMessage.#id = :wasLast',
  ],
  values: {
    ':wasState': chat.state,
    ':wasStatus': chat.status,
    ':wasAssignee': chat.assigneeId,
    ':wasUnread': chat.unreadCount,
    ...(chat.openedAt !== null && { ':wasOpened': chat.openedAt }),
    ...(chat.lastMessage !== null && { ':wasLast': chat.lastMessage.id }),
  },
});

/**
 * Changes a chat's head that was read before, and where it stands in the lists: only an active one stands there. What
 * waits outside the queue is left as it is. Refused with Raced.
 */
export const changeHead = (tenant: TenantId, before: ChatRecord, after: ChatRecord): Step => {
  const item = new Map<string, unknown>(Object.entries(chatItem(tenant, after)));
  if (after.state !== 'active') for (const name of INDEXES) item.delete(name);
  const all = [...FIELDS, ...INDEXES];
  const kept = all.filter((name) => item.get(name) !== undefined);
  const gone = all.filter((name) => item.get(name) === undefined);
  const { conditions, values } = asRead(before);
  const sets = kept.map((name) => `#${name} = :${name}`).join(', ');
  const removes = gone.map((name) => `#${name}`).join(', ');
  return update(chatKey(tenant, before.id), {
    expression: `SET ${sets}${removes === '' ? '' : ` REMOVE ${removes}`}`,
    condition: conditions.join(' AND '),
    names: Object.fromEntries([...all, 'id'].map((name) => [`#${name}`, name])),
    values: { ...values, ...Object.fromEntries(kept.map((name) => [`:${name}`, item.get(name)])) },
  });
};
