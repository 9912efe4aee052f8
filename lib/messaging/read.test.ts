import { newAct, newArrival, newChannelId, newMessageId, outboundMessage } from '../../test/support/builders.ts';
import { newPhone } from '../../test/support/random.ts';
import type { ChatId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { MessageRecord } from '../domain/message.ts';
import { listChats } from '../table/chat-lists.ts';
import { getChat } from '../table/chats.ts';
import { findHolder } from '../table/identities.ts';
import { insertMessage, listUnread, listMessages } from '../table/messages.ts';
import { commit } from '../table/transaction.ts';
import { markChatRead, markMessageRead } from './read.ts';
import { receive } from './receive.ts';

const channelId = newChannelId();

/** A chat in which so many messages came in, and how more come. */
const startChat = async (act: Act, count: number) => {
  const phone = newPhone();
  const receiveOne = () => receive(act, newArrival({ from: { address: phone, firstName: 'Ana' } }, channelId));
  for (let index = 0; index < count; index += 1) await receiveOne();
  const id = await findHolder(act.tenant, { kind: 'tel', value: phone });
  if (id === undefined) throw new Error('No chat was made.');
  return { id, receiveOne };
};

const messagesOf = async ({ tenant }: Act, id: ChatId): Promise<MessageRecord[]> => {
  const { items, nextCursor } = await listMessages(tenant, id, { limit: 100 });
  expect(nextCursor).toBeNull();
  return items;
};

/** The count, the messages and both lists say the same. */
const expectConsistent = async (act: Act, id: ChatId): Promise<number> => {
  const unread = (await messagesOf(act, id)).filter(({ readAt }) => readAt === null).length;
  const { unreadCount } = await getChat(act.tenant, id);
  expect(unreadCount).toBe(unread);
  expect(await listUnread(act.tenant, [id], undefined, 100)).toHaveLength(unread);
  const { items } = await listChats(act.tenant, { unread: true }, { limit: 10 });
  expect(items.map((chat) => chat.unreadCount)).toEqual(unread === 0 ? [] : [unread]);
  return unread;
};

describe('reading', () => {
  it('one message counts it once, however often it is read', async () => {
    const act = newAct();
    const { id } = await startChat(act, 3);
    const [latest] = await messagesOf(act, id);
    const read = await markMessageRead(act, id, latest?.id ?? newMessageId());
    expect(read.readAt).not.toBeNull();
    expect(await markMessageRead(act, id, read.id)).toEqual(read);
    expect(await expectConsistent(act, id)).toBe(2);
  });

  it('one message many times at once counts it once', async () => {
    const act = newAct();
    const { id } = await startChat(act, 1);
    const [latest] = await messagesOf(act, id);
    const reads = Array.from({ length: 8 }, () => markMessageRead(act, id, latest?.id ?? newMessageId()));
    const times = new Set((await Promise.all(reads)).map(({ readAt }) => readAt));
    expect(times.size).toBe(1);
    expect(await expectConsistent(act, id)).toBe(0);
  });

  it('a chat up to one message leaves the later ones unread', async () => {
    const act = newAct();
    const { id } = await startChat(act, 5);
    const [, , third] = await messagesOf(act, id);
    expect(await markChatRead(act, id, third?.id)).toMatchObject({ unreadCount: 2 });
    expect(await expectConsistent(act, id)).toBe(2);
    expect(await markChatRead(act, id, undefined)).toMatchObject({ unreadCount: 0 });
    expect(await expectConsistent(act, id)).toBe(0);
  });

  it('a chat with more messages than a transaction takes reads them all', async () => {
    const act = newAct();
    const { id } = await startChat(act, 50);
    expect(await markChatRead(act, id, undefined)).toMatchObject({ unreadCount: 0 });
    expect(await expectConsistent(act, id)).toBe(0);
    expect(await markChatRead(act, id, undefined)).toMatchObject({ unreadCount: 0 });
  });

  it('our own message is refused, another’s or a foreign one is not found', async () => {
    const act = newAct();
    const { id } = await startChat(act, 1);
    const own = outboundMessage(act, id);
    await commit(act.tenant, [insertMessage(act.tenant, own)]);
    await expect(markMessageRead(act, id, own.id)).rejects.toMatchObject({ code: 'message.not-inbound' });
    const absent = { code: 'resource.not-found' };
    await expect(markMessageRead(act, id, newMessageId())).rejects.toMatchObject(absent);
    const [latest] = (await messagesOf(act, id)).filter(({ direction }) => direction === 'inbound');
    await expect(markMessageRead(newAct(), id, latest?.id ?? newMessageId())).rejects.toMatchObject(absent);
    await expect(markChatRead(newAct(), id, undefined)).rejects.toMatchObject(absent);
  });
});

describe('the unread count', () => {
  it('is exact while messages come in and are read, all at once', async () => {
    const act = newAct();
    const { id, receiveOne } = await startChat(act, 5);
    const earlier = await messagesOf(act, id);
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 30 }, receiveOne),
      ...earlier.map((message) => markMessageRead(act, id, message.id)),
      ...Array.from({ length: 5 }, () => markChatRead(act, id, undefined)),
    ]);
    expect(outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []))).toEqual(
      [],
    );
    expect(await messagesOf(act, id)).toHaveLength(35);
    await expectConsistent(act, id);
    await markChatRead(act, id, undefined);
    expect(await expectConsistent(act, id)).toBe(0);
  });
});
