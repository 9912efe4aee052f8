import type { InboundUpdate, Webhook } from '../provider.ts';
import { telegramProvider } from './telegram.ts';

const provider = telegramProvider({ apiBase: 'https://api.telegram.org', timeoutMs: 1_000 });
const credentials = { botToken: '123:ABC', webhookSecret: 'current_secret' };

const webhook = (update: unknown, secret?: string): Webhook => ({
  url: 'https://parley.example/tg/webhook/0195',
  headers: { 'x-telegram-bot-api-secret-token': secret },
  body: typeof update === 'string' ? update : JSON.stringify(update),
  receivedAt: '2026-01-31T09:30:00.000Z',
});
const parse = (update: unknown): InboundUpdate => provider.parseInbound(webhook(update));

// https://core.telegram.org/bots/webhooks#testing-your-bot-with-updates
const chat = {
  last_name: 'Test Lastname',
  id: 1111111,
  type: 'private',
  first_name: 'Test Firstname',
  username: 'Testusername',
};
const from = { last_name: 'Test Lastname', id: 1111111, first_name: 'Test Firstname', username: 'Testusername' };
const message = { date: 1441645532, chat, message_id: 1365, from };
const updateOf = (content: object) => ({ update_id: 10000, message: { ...message, ...content } });

describe("Telegram's secret", () => {
  it('must be ours', () => {
    expect(provider.verify(credentials, webhook({}, 'current_secret'))).toBe(true);
    expect(provider.verify(credentials, webhook({}, 'current_secre'))).toBe(false);
    expect(provider.verify(credentials, webhook({}, 'current_secret2'))).toBe(false);
  });

  it('must be there on both sides', () => {
    expect(provider.verify(credentials, webhook({}))).toBe(false);
    expect(provider.verify(credentials, webhook({}, ''))).toBe(false);
    expect(provider.verify({ botToken: '1:A', webhookSecret: '' }, webhook({}, ''))).toBe(false);
    expect(provider.verify({ botToken: '1:A', webhookSecret: '' }, webhook({}, 'x'))).toBe(false);
  });
});

describe('a Telegram update', () => {
  it('with a text becomes a message', () => {
    expect(parse(updateOf({ text: '/start' }))).toEqual({
      kind: 'message',
      deduplicationId: '10000',
      providerMessageId: '1111111:1365',
      transport: 'telegram',
      from: { address: '1111111', firstName: 'Test Firstname', lastName: 'Test Lastname', handle: 'Testusername' },
      entry: 'client',
      text: '/start',
      media: [],
      providerTime: '2015-09-07T17:05:32.000Z',
    });
  });

  it('with an edited text names the message it edits', () => {
    // https://core.telegram.org/bots/webhooks#testing-your-bot-with-updates, "Edited message"
    const edited = { update_id: 10001, edited_message: { ...message, text: 'Edited text', edit_date: 1441646600 } };
    expect(parse(edited)).toMatchObject({
      deduplicationId: '10001',
      providerMessageId: '1111111:1365',
      editOf: '1111111:1365',
      text: 'Edited text',
      providerTime: '2015-09-07T17:23:20.000Z',
    });
  });

  it('with a photo keeps the largest size, and the caption', () => {
    const photo = [
      { file_id: 'small', file_unique_id: 's', file_size: 1_000, width: 90, height: 60 },
      { file_id: 'large', file_unique_id: 'l', file_size: 90_000, width: 1280, height: 853 },
      { file_id: 'middle', file_unique_id: 'm', file_size: 20_000, width: 320, height: 213 },
    ];
    expect(parse(updateOf({ photo, caption: 'Look' }))).toMatchObject({
      entry: 'client',
      text: 'Look',
      media: [{ reference: 'large', name: 'photo-1365.jpg', contentType: 'image/jpeg', size: 90_000 }],
    });
  });

  it('with a document keeps its name and type', () => {
    const document = {
      file_id: 'AwADBAADbXXXXXXXXXXXGBdhD2l6_XX',
      file_name: 'Testfile.pdf',
      mime_type: 'application/pdf',
      file_size: 536392,
    };
    expect(parse(updateOf({ document }))).toMatchObject({
      text: '',
      media: [{ reference: document.file_id, name: 'Testfile.pdf', contentType: 'application/pdf', size: 536392 }],
    });
  });

  it.each([
    ['voice', { voice: { file_id: 'F', duration: 5 } }, 'audio/ogg'],
    ['audio', { audio: { file_id: 'F', duration: 243, mime_type: 'audio/mpeg' } }, 'audio/mpeg'],
    ['video', { video: { file_id: 'F', duration: 1 } }, 'video/mp4'],
    ['video note', { video_note: { file_id: 'F', length: 1 } }, 'video/mp4'],
    ['animation', { animation: { file_id: 'F' }, document: { file_id: 'D' } }, 'video/mp4'],
    ['sticker', { sticker: { file_id: 'F', is_video: true } }, 'video/webm'],
  ])('with a %s keeps the file', (_, content, contentType) => {
    expect(parse(updateOf(content))).toMatchObject({ entry: 'client', media: [{ reference: 'F', contentType }] });
  });

  it('with a contact reads as name and phone', () => {
    const contact = { phone_number: '15551234567', first_name: 'Ana', last_name: 'Horvat', user_id: 5 };
    expect(parse(updateOf({ contact }))).toMatchObject({
      entry: 'client',
      text: 'Ana Horvat, +15551234567',
      media: [],
    });
  });

  it.each([
    [
      'a place',
      {
        venue: { location: { latitude: 1, longitude: 2 }, title: 'Café', address: 'Main St' },
        location: { latitude: 1, longitude: 2 },
      },
      'Shared a place: Café, Main St (1, 2)',
    ],
    ['a location', { location: { latitude: 45.8, longitude: 15.9 } }, 'Shared a location: 45.8, 15.9'],
    ['a poll', { poll: { id: '1', question: 'Tea?' } }, 'Sent a poll: Tea?'],
    ['dice', { dice: { emoji: '🎲', value: 6 } }, 'Threw 🎲: 6'],
    [
      'a pinned message',
      { pinned_message: { message_id: 1 } },
      'Sent something that cannot be shown (pinned_message).',
    ],
  ])('with %s is kept as an entry of the system', (_, content, text) => {
    expect(parse(updateOf(content))).toMatchObject({ kind: 'message', entry: 'system', text, media: [] });
  });

  it.each([
    ['kicked', 'opted-out'],
    ['member', 'opted-in'],
  ])('that makes the bot %s changes consent', (status, consent) => {
    const change = { chat, from, date: 1441645532, old_chat_member: { status: 'x' }, new_chat_member: { status } };
    expect(parse({ update_id: 7, my_chat_member: change })).toMatchObject({
      kind: 'message',
      deduplicationId: '7',
      providerMessageId: '1111111:update-7',
      entry: 'system',
      from: { address: '1111111' },
      consent,
    });
  });

  it('from a group is ignored', () => {
    const group = { id: -100, type: 'supergroup', title: 'All' };
    expect(parse(updateOf({ chat: group, text: 'hi' }))).toMatchObject({ kind: 'ignored' });
    const change = { chat: group, from, date: 1, new_chat_member: { status: 'member' } };
    expect(parse({ update_id: 7, my_chat_member: change })).toMatchObject({ kind: 'ignored' });
  });

  it.each([
    ['no JSON', '{"update_id":'],
    ['no update', { hello: 1 }],
    ['a list', []],
    ['a message without its id', { update_id: 1, message: { text: 'x' } }],
    ['a message without a sender', { update_id: 1, message: { ...message, from: undefined, text: 'x' } }],
    ['a channel post', { update_id: 1, channel_post: { message_id: 1 } }],
  ])('that is %s cannot be parsed', (_, update) => {
    expect(parse(update)).toMatchObject({ kind: 'unparsable' });
  });

  it('says what was not asked for', () => {
    expect(parse({ update_id: 1, callback_query: { id: '1' } })).toEqual({
      kind: 'unparsable',
      reason: 'an update of a kind not asked for: callback_query',
    });
  });
});

describe("Telegram's limits", () => {
  const file = { name: 'a.bin', contentType: 'application/pdf', size: 1_000 };

  it.each([
    ['a long text', 4_097, [], 'message.too-long'],
    ['a long caption', 1_025, [file], 'message.too-long'],
    ['eleven files', 0, Array.from({ length: 11 }, () => file), 'message.too-many-files'],
    ['a large file', 0, [{ ...file, size: 50_000_001 }], 'message.files-too-large'],
  ])('name %s', (_, length, media, code) => {
    expect(provider.checkLimits({ transport: 'telegram', text: 'x'.repeat(length), media })?.code).toBe(code);
  });

  it('let through what fits', () => {
    expect(provider.checkLimits({ transport: 'telegram', text: 'x'.repeat(4_096), media: [] })).toBeUndefined();
    expect(provider.checkLimits({ transport: 'telegram', text: 'x'.repeat(1_024), media: [file] })).toBeUndefined();
  });
});
