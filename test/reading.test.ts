import { ChatSchema } from '../lib/contract/chats.ts';
import { MessageSchema } from '../lib/contract/messages.ts';
import { problemOf, read } from './support/answers.ts';
import { newTelegramUser } from './support/random.ts';
import { openTenant, type OpenChat } from './support/tenant.ts';

const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';

/** A chat in which the client has written so often, one after the other. */
const withUnread = async (count: number) => {
  const tenant = await openTenant();
  const [bot, from] = [await tenant.connectTelegram(), newTelegramUser()];
  const write = (text: string) => tenant.receive(bot, { from, text });
  for (let index = 1; index <= count; index += 1) await write(`Message ${index}`);
  const chat = await tenant.onlyChat();
  const path = `/crm/chats/${chat.id}`;
  /** The count, which has to be that of the messages without `readAt`. */
  const unread = async (): Promise<number> => {
    const { unreadCount, messages } = await tenant.chat(chat.id);
    const inbound = messages.filter(({ direction, readAt }) => direction === 'inbound' && readAt === null);
    expect(unreadCount).toBe(inbound.length);
    return unreadCount;
  };
  return { tenant, chat, path, write, unread };
};

const idOf = ({ messages }: OpenChat, text: string): string =>
  messages.find((message) => message.text === text)?.id ?? '';

describe('the unread count', () => {
  it('goes down by one with each message that is marked as read, and only once', async () => {
    const { tenant, chat, path, unread } = await withUnread(3);
    const read2 = `${path}/messages/${idOf(chat, 'Message 2')}/read`;
    const marked = read(await tenant.admin.put(read2), 200, MessageSchema);
    expect(marked).toMatchObject({ text: 'Message 2', status: 'received' });
    expect(marked.readAt).not.toBeNull();
    expect(await unread()).toBe(2);
    expect(read(await tenant.admin.put(read2), 200, MessageSchema)).toEqual(marked);
    expect(await unread()).toBe(2);
  });

  it('goes to zero when all are marked', async () => {
    const { tenant, path, unread } = await withUnread(3);
    expect(read(await tenant.admin.put(`${path}/read`), 200, ChatSchema).unreadCount).toBe(0);
    expect(await unread()).toBe(0);
    expect(read(await tenant.admin.put(`${path}/read`, {}), 200, ChatSchema).unreadCount).toBe(0);
    expect(await tenant.chats('?unread=true')).toEqual([]);
  });

  it('keeps what came after the message up to which is marked', async () => {
    const { tenant, chat, path, unread } = await withUnread(5);
    const upToMessageId = idOf(chat, 'Message 3');
    expect(read(await tenant.admin.put(`${path}/read`, { upToMessageId }), 200, ChatSchema).unreadCount).toBe(2);
    expect(await unread()).toBe(2);
    const { messages } = await tenant.chat(chat.id);
    expect(messages.filter(({ readAt }) => readAt === null).map(({ text }) => text)).toEqual([
      'Message 5',
      'Message 4',
    ]);
  });

  it('is exact when the same message is marked ten times at once', async () => {
    const { tenant, chat, path, unread } = await withUnread(2);
    const mark = `${path}/messages/${idOf(chat, 'Message 1')}/read`;
    const answers = await Promise.all(Array.from({ length: 10 }, () => tenant.admin.put(mark)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await unread()).toBe(1);
  });

  it('is exact while messages arrive and are marked one by one and all together', async () => {
    const { tenant, chat, path, write, unread } = await withUnread(10);
    const arriving = Array.from({ length: 10 }, (_, index) => write(`Late ${index}`));
    const one = chat.messages.map(({ id }) => tenant.admin.put(`${path}/messages/${id}/read`));
    const all = [tenant.admin.put(`${path}/read`), tenant.admin.put(`${path}/read`)];
    const answers = await Promise.all([...one, ...all]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await Promise.all(arriving);
    await unread();
    expect(read(await tenant.admin.put(`${path}/read`), 200, ChatSchema).unreadCount).toBe(0);
    expect(await unread()).toBe(0);
  });

  it('counts more messages than one transaction holds', async () => {
    const { tenant, path, write } = await withUnread(1);
    for (let batch = 0; batch < 5; batch += 1) {
      await Promise.all(Array.from({ length: 10 }, (_, index) => write(`More ${batch} ${index}`)));
    }
    expect((await tenant.onlyChat()).unreadCount).toBe(51);
    expect(read(await tenant.admin.put(`${path}/read`), 200, ChatSchema).unreadCount).toBe(0);
    expect((await tenant.onlyChat()).messages.every(({ readAt }) => readAt !== null)).toBe(true);
  });

  it('leaves our own messages alone', async () => {
    const { tenant, chat, path, unread } = await withUnread(1);
    const sent = await tenant.send(chat.id, { text: 'Hi' });
    problemOf(await tenant.admin.put(`${path}/messages/${sent.id}/read`), 422, 'message.not-inbound');
    expect(await unread()).toBe(1);
    read(await tenant.admin.put(`${path}/read`), 200, ChatSchema);
    expect((await tenant.message(sent)).readAt).toBeNull();
  });

  it('is not changed by what does not exist', async () => {
    const { tenant, path, unread } = await withUnread(1);
    problemOf(await tenant.admin.put(`${path}/messages/${ABSENT}/read`), 404, 'resource.not-found');
    problemOf(await tenant.admin.put(`/crm/chats/${ABSENT}/read`), 404, 'resource.not-found');
    problemOf(await tenant.admin.put(`${path}/read`, { upToMessageId: 'x' }), 400, 'request.invalid');
    problemOf(await tenant.admin.put(`${path}/read`, { upTo: ABSENT }), 400, 'request.invalid');
    expect(await unread()).toBe(1);
  });
});
