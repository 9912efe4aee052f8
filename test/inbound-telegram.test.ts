import { ClientSchema } from '../lib/contract/clients.ts';
import type { Channel } from '../lib/contract/channels.ts';
import { call } from '../local/http-client.ts';
import { first, problemOf, read } from './support/answers.ts';
import { sharedUrls } from './support/client.ts';
import { newTelegramUser } from './support/random.ts';
import { deadLettersOf, keysOf } from './support/table.ts';
import { openTenant } from './support/tenant.ts';
import { postTelegram, secretOf } from './support/webhooks.ts';

const BARE = `${sharedUrls().api}/tg/webhook`;

const withBot = async () => {
  const tenant = await openTenant();
  const bot = await tenant.connectTelegram();
  return { tenant, bot, secret: await secretOf(bot), user: newTelegramUser() };
};

/** As in the Bot API's own description of an update. https://core.telegram.org/bots/api#update */
const updateOf = (user: number, content: object) => {
  const from = { id: user, is_bot: false, first_name: 'Olim', last_name: 'Karimov', username: 'olim_k' };
  const chat = { id: user, first_name: 'Olim', username: 'olim_k', type: 'private' };
  return { update_id: newTelegramUser(), message: { message_id: 7, date: 1_700_000_000, from, chat, ...content } };
};

const memberChange = (user: number, status: string) => {
  const { message, update_id } = updateOf(user, {});
  const { from, chat, date } = message;
  const member = { user: { id: 1, is_bot: true, first_name: 'Shop' }, status };
  return { update_id, my_chat_member: { from, chat, date, old_chat_member: member, new_chat_member: member } };
};

const post = async ({ webhookUrl }: Channel, update: unknown, secret: string): Promise<void> => {
  expect((await postTelegram(webhookUrl, update, secret)).status).toBe(200);
};

describe('a Telegram message', () => {
  it('of a stranger makes a client with the name that Telegram gives', async () => {
    const { tenant, bot, secret, user } = await withBot();
    await post(bot, updateOf(user, { text: 'Salom' }), secret);
    const chat = await tenant.onlyChat();
    expect(chat.client).toEqual({ firstName: 'Olim', lastName: 'Karimov' });
    expect(chat.messages).toMatchObject([
      {
        transport: 'telegram',
        channelId: bot.id,
        sender: { type: 'telegram', name: 'Olim Karimov', address: String(user), handle: 'olim_k' },
        text: 'Salom',
        status: 'received',
        providerTime: '2023-11-14T22:13:20.000Z',
      },
    ]);
    expect(chat.members).toMatchObject([{ type: 'telegram', address: String(user), handle: 'olim_k' }]);
    const client = read(await tenant.admin.get(`/crm/clients/${chat.id}`), 200, ClientSchema);
    expect(client.contacts).toMatchObject([{ type: 'telegram', value: String(user) }]);
    expect(client.phone).toBeNull();
  });

  it('with emoji is kept whole, and shortened in the list of chats without cutting one in two', async () => {
    const { tenant, bot, secret, user } = await withBot();
    const text = `${'x'.repeat(299)}👋👋`;
    await post(bot, updateOf(user, { text }), secret);
    const { messages, lastMessage } = await tenant.onlyChat();
    expect(messages).toMatchObject([{ text }]);
    expect(lastMessage?.text).toBe('x'.repeat(299));
  });

  it('of a known user is in that client’s chat', async () => {
    const { tenant, bot, secret, user } = await withBot();
    const client = await tenant.addClient({ contacts: [{ type: 'telegram', value: String(user) }] });
    await post(bot, updateOf(user, { text: 'One' }), secret);
    await post(bot, updateOf(user, { text: 'Two' }), secret);
    const chat = await tenant.onlyChat();
    expect(chat.id).toBe(client.id);
    expect(chat.messages.map(({ text }) => text)).toEqual(['Two', 'One']);
  });

  it('that comes five times at once, and once more later, is one message', async () => {
    const { tenant, bot, secret, user } = await withBot();
    await tenant.receive(bot, { from: user, text: 'Once', times: 5 });
    const update = updateOf(user, { text: 'Twice' });
    await post(bot, update, secret);
    await post(bot, update, secret);
    const chat = await tenant.onlyChat();
    expect(chat.unreadCount).toBe(2);
    expect(chat.messages.map(({ text }) => text)).toEqual(['Twice', 'Once']);
  });

  it('that is edited is a new entry, which says what it is an edit of', async () => {
    const { tenant, bot, secret, user } = await withBot();
    const { message } = updateOf(user, { text: 'Ten, please' });
    await post(bot, { update_id: newTelegramUser(), message }, secret);
    const edited_message = { ...message, edit_date: message.date + 60, text: 'Twelve, please' };
    await post(bot, { update_id: newTelegramUser(), edited_message }, secret);
    await post(bot, { update_id: newTelegramUser(), edited_message: { ...edited_message, text: 'Eleven' } }, secret);
    const { messages, unreadCount } = await tenant.onlyChat();
    const [last, next, original] = messages;
    expect(original).toMatchObject({ text: 'Ten, please', editOf: null });
    expect(next).toMatchObject({ text: 'Twelve, please', editOf: original?.id });
    expect(last).toMatchObject({ text: 'Eleven', editOf: original?.id });
    expect(unreadCount).toBe(3);
  });

  it('that shares a contact says whose and which', async () => {
    const { tenant, bot, secret, user } = await withBot();
    const contact = { phone_number: '998901234567', first_name: 'Sardor', last_name: 'Aliyev', user_id: 5 };
    await post(bot, updateOf(user, { contact }), secret);
    const message = first((await tenant.onlyChat()).messages);
    expect(message).toMatchObject({ text: 'Sardor Aliyev, +998901234567', sender: { type: 'telegram' } });
  });

  it('with a photo or a document keeps it as an attachment still to be fetched', async () => {
    const { tenant, bot, secret, user } = await withBot();
    const size = (file_id: string, width: number) => ({ file_id, file_unique_id: file_id, width, height: width });
    const photo = [
      { ...size('small', 90), file_size: 100 },
      { ...size('large', 900), file_size: 9_000 },
    ];
    const document = { file_id: 'd', file_unique_id: 'd', file_name: 'price.pdf', mime_type: 'application/pdf' };
    await post(bot, updateOf(user, { photo, caption: 'This one' }), secret);
    await post(bot, updateOf(user, { document: { ...document, file_size: 12_345 } }), secret);
    const pending = { state: 'pending', uploadId: null };
    expect((await tenant.onlyChat()).messages).toMatchObject([
      { text: '', attachments: [{ name: 'price.pdf', contentType: 'application/pdf', size: 12_345, ...pending }] },
      { text: 'This one', attachments: [{ contentType: 'image/jpeg', size: 9_000, ...pending }] },
    ]);
  });

  it.each([
    ['a location', { location: { latitude: 41.31, longitude: 69.24 } }, /location: 41\.31, 69\.24/],
    ['a poll', { poll: { id: '1', question: 'Tea or coffee?', options: [] } }, /Tea or coffee/],
    ['a kind that does not exist yet', { hologram: { file_id: 'h' } }, /hologram/],
  ])('of %s is kept as an entry of the system', async (_, content, words) => {
    const { tenant, bot, secret, user } = await withBot();
    await post(bot, updateOf(user, content), secret);
    const message = first((await tenant.onlyChat()).messages);
    expect(message).toMatchObject({ sender: { type: 'system' }, direction: 'inbound', attachments: [] });
    expect(message.text).toMatch(words);
  });

  it('of a group is acknowledged and not kept', async () => {
    const { tenant, bot, secret, user } = await withBot();
    const chat = { id: -100, type: 'supergroup', title: 'Shop talk' };
    await post(bot, updateOf(user, { text: 'Hi all', chat }), secret);
    expect(await tenant.chats()).toEqual([]);
    expect(await deadLettersOf(tenant.id)).toEqual([]);
  });

  it('finds its channel on the bare path by the secret', async () => {
    const { tenant, secret, user } = await withBot();
    expect((await postTelegram(BARE, updateOf(user, { text: 'Bare' }), secret)).status).toBe(200);
    expect((await tenant.onlyChat()).messages).toMatchObject([{ text: 'Bare' }]);
  });
});

describe('a user who blocks the bot', () => {
  it('is written to no more until the bot is let in again', async () => {
    const { tenant, bot, secret, user } = await withBot();
    await post(bot, updateOf(user, { text: 'Salom' }), secret);
    await post(bot, memberChange(user, 'kicked'), secret);
    const chat = await tenant.onlyChat();
    expect(first(chat.messages)).toMatchObject({ text: 'Blocked the bot.', sender: { type: 'system' } });
    const path = `/crm/chats/${chat.id}/messages`;
    problemOf(await tenant.admin.post(path, { text: 'Hi' }), 409, 'contact.opted-out');
    const blocked = read(await tenant.admin.get(`/crm/clients/${chat.id}`), 200, ClientSchema);
    expect(blocked.contacts).toMatchObject([{ optedOut: true }]);
    await post(bot, memberChange(user, 'member'), secret);
    expect((await tenant.admin.post(path, { text: 'Hi' })).status).toBe(202);
  });
});

describe('a Telegram webhook', () => {
  it('without the secret, or with another bot’s, is refused, and nothing is written', async () => {
    const [{ tenant, bot, user, secret }, other] = await Promise.all([withBot(), withBot()]);
    const before = await keysOf(tenant.id);
    const update = updateOf(user, { text: 'Let me in' });
    const refused = [
      postTelegram(bot.webhookUrl, update),
      postTelegram(bot.webhookUrl, update, ''),
      postTelegram(bot.webhookUrl, update, `${secret}x`),
      postTelegram(bot.webhookUrl, update, other.secret),
      postTelegram(BARE, update),
      postTelegram(BARE, update, 'nobody’s'.replace('’', '')),
      postTelegram(`${BARE}/01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10`, update, secret),
      postTelegram(`${BARE}/nonsense`, update, secret),
    ];
    for (const answer of await Promise.all(refused)) problemOf(answer, 401, 'webhook.forged');
    expect(await keysOf(tenant.id)).toEqual(before);
  });

  it('of another content type is refused', async () => {
    const { bot, secret } = await withBot();
    const headers = { 'content-type': 'text/plain', 'x-telegram-bot-api-secret-token': secret };
    problemOf(await call('POST', bot.webhookUrl, { headers, body: '{}' }), 415, 'request.media-type');
  });

  it.each([
    ['broken JSON', '{"update_id":'],
    ['no update', { hello: 'world' }],
    ['an update of a kind not asked for', { update_id: 1, inline_query: { id: '1' } }],
    [
      'a message without a sender',
      { update_id: 2, message: { message_id: 1, date: 1, chat: { id: 1, type: 'private' } } },
    ],
  ])('that is signed and holds %s is acknowledged, and kept whole', async (_, body) => {
    const { tenant, bot, secret } = await withBot();
    await post(bot, body, secret);
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    expect(await deadLettersOf(tenant.id)).toMatchObject([{ source: 'webhook', payload }]);
    expect(await tenant.chats()).toEqual([]);
  });

  it('over 100 KB is taken like any other', async () => {
    const { tenant, bot, secret, user } = await withBot();
    await post(bot, updateOf(user, { text: 'Long', entities: [{ type: 'x'.repeat(150_000) }] }), secret);
    expect((await tenant.onlyChat()).messages).toMatchObject([{ text: 'Long' }]);
  });
});
