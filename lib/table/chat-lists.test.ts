import { addClient, newAct, newChannelId, newMessageId } from '../../test/support/builders.ts';
import { ChatStatusSchema } from '../contract/chats.ts';
import { TransportSchema, UserIdSchema } from '../contract/vocabulary.ts';
import { newChat, type ChatRecord } from '../domain/chat.ts';
import { sideBySide } from '../messaging/side-by-side.ts';
import { changeHead } from './chat-head.ts';
import { findUnassigned, listChats } from './chat-lists.ts';
import { commit } from './transaction.ts';

const act = newAct();
const [statuses, users, transports] = [ChatStatusSchema.options, ['ana', 'boris'], ['sms', 'telegram']];
const [first, second] = [newChannelId(), newChannelId()];

const addChat = async (index: number): Promise<ChatRecord> => {
  const client = await addClient(act);
  const before = newChat(act, client);
  const at = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString();
  const status = statuses[index % 3] ?? 'open';
  const after: ChatRecord = {
    ...before,
    openedAt: at,
    lastMessageAt: at,
    status,
    snoozedUntil: status === 'snoozed' ? '2999-01-01T00:00:00.000Z' : null,
    assigneeId: index % 4 === 0 ? null : UserIdSchema.parse(users[index % 2]),
    unreadCount: index % 5 === 0 ? 1 : 0,
    lastMessage: {
      id: newMessageId(),
      direction: 'inbound',
      text: 'Salom',
      transport: TransportSchema.parse(transports[index % 7 < 4 ? 0 : 1]),
      channelId: index % 2 === 0 ? first : second,
      createdAt: at,
    },
  };
  await commit(act.tenant, [changeHead(act.tenant, before, after)]);
  return after;
};

/** Every way to leave a filter out or to use it. */
const filters = [false, true].flatMap((unread) =>
  [undefined, ...statuses].flatMap((status) =>
    [undefined, 'none', 'ana'].flatMap((assigneeId) =>
      [{}, { transport: 'sms' as const }, { transport: 'sms' as const, channelId: first }].map((channel) => {
        const { transport, channelId } = { transport: undefined, channelId: undefined, ...channel };
        return { unread, status, assigneeId, transport, channelId };
      }),
    ),
  ),
);

const fits = (chat: ChatRecord, filter: (typeof filters)[number]): boolean => {
  const { unread, status, assigneeId, transport, channelId } = filter;
  // Open ones unless said otherwise.
  const wanted = status ?? (unread || assigneeId !== undefined ? undefined : 'open');
  return (
    (!unread || chat.unreadCount > 0) &&
    (wanted === undefined || chat.status === wanted) &&
    (assigneeId === undefined || (chat.assigneeId ?? 'none') === assigneeId) &&
    (transport === undefined || chat.lastMessage?.transport === transport) &&
    (channelId === undefined || chat.lastMessage?.channelId === channelId)
  );
};

it('every combination of filters finds what fits, latest first, page after page', async () => {
  const chats: ChatRecord[] = [];
  for (let index = 0; index < 28; index += 4) {
    chats.push(...(await Promise.all(Array.from({ length: 4 }, (_, offset) => addChat(index + offset)))));
  }
  const newest = chats.toSorted((one, other) => ((one.lastMessageAt ?? '') < (other.lastMessageAt ?? '') ? 1 : -1));
  await sideBySide(4, filters, async (filter) => {
    const found: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page === 0 || (cursor !== undefined && page < 20); page += 1) {
      const { items, nextCursor } = await listChats(act.tenant, filter, { limit: 7, cursor });
      expect(items.length).toBeLessThanOrEqual(7);
      found.push(...items.map(({ id }) => id));
      cursor = nextCursor ?? undefined;
    }
    expect({ filter, found }).toEqual({
      filter,
      found: newest.filter((chat) => fits(chat, filter)).map(({ id }) => id),
    });
  });
  const nobodys = newest.filter(({ status, assigneeId }) => status === 'open' && assigneeId === null);
  expect((await findUnassigned(act.tenant)).map(({ id }) => id)).toEqual(nobodys.map(({ id }) => id));
});
