import { UserIdSchema } from '../contract/vocabulary.ts';
import { newAct, newChannelId, newMessageId } from '../../test/support/builders.ts';
import { claimNotice, isWaiting, isWorthTelling, type Notice, type Told } from './notice.ts';
import { receivedMessage, type MessageRecord } from './message.ts';
import { ClientIdSchema } from '../contract/vocabulary.ts';

const ana = UserIdSchema.parse('ana');
const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const after = (seconds: number): Date => new Date(NOON + seconds * 1000);

const messageAt = (seconds: number): MessageRecord =>
  receivedMessage(newAct({ now: () => after(seconds) }), ClientIdSchema.parse(newMessageId()), {
    transport: 'sms',
    channelId: newChannelId(),
    sender: { type: 'sms', id: null, name: 'Olim', address: '+998901112233', handle: null },
    text: 'Salom',
    media: [],
    providerMessageId: 'SM1',
    providerTime: null,
    editOf: null,
  });

const nothing = { notice: undefined, told: undefined };
const toldOf = (message: MessageRecord, seconds: number): Told => ({
  userId: ana,
  messageId: message.id,
  messageAt: message.createdAt,
  at: after(seconds).toISOString(),
});
const noticeOf = (message: MessageRecord, changes: Partial<Notice> = {}): Notice => ({
  userId: ana,
  messageId: message.id,
  attempt: 1,
  telegram: null,
  email: null,
  ...changes,
});

describe('telling a user of a message', () => {
  const message = messageAt(0);
  const now = after(1);

  it('is taken on once for each way', () => {
    const claim = claimNotice(ana, ['telegram', 'email'], nothing, { message, now });
    expect(claim).toEqual({
      ways: ['telegram', 'email'],
      notice: noticeOf(message, { telegram: 'sending', email: 'sending' }),
    });
    const again = { notice: claim?.notice, told: toldOf(message, 1) };
    expect(claimNotice(ana, ['telegram', 'email'], again, { message, now })).toBeUndefined();
  });

  it('is repeated in the way alone that provably did not work, and five times at most', () => {
    const notice = noticeOf(message, { telegram: 'waiting', email: 'sent' });
    const known = { notice, told: toldOf(message, 1) };
    expect(isWaiting(notice)).toBe(true);
    expect(claimNotice(ana, ['telegram', 'email'], known, { message, now })).toEqual({
      ways: ['telegram'],
      notice: noticeOf(message, { attempt: 2, telegram: 'sending', email: 'sent' }),
    });
    const fifth = { ...notice, attempt: 5 };
    expect(isWaiting(fifth)).toBe(false);
    expect(claimNotice(ana, ['telegram'], { ...known, notice: fifth }, { message, now })).toBeUndefined();
    for (const email of ['sending', 'unknown', 'refused'] as const) {
      const ended = { ...known, notice: noticeOf(message, { email }) };
      expect(claimNotice(ana, ['email'], ended, { message, now })).toBeUndefined();
    }
  });

  it('happens once a minute for a chat, by the time of the messages as by ours', () => {
    const told = toldOf(message, 1);
    const claimOf = (next: MessageRecord, at: Date) =>
      claimNotice(ana, ['email'], { notice: undefined, told }, { message: next, now: at });
    expect(claimOf(messageAt(59), after(600))).toBeUndefined();
    expect(claimOf(messageAt(60), after(60))).toBeUndefined();
    expect(claimOf(messageAt(60), after(61))).toBeDefined();
    // One that came before, and late.
    expect(claimOf(messageAt(-30), after(600))).toBeUndefined();
  });

  it('is not worth it after half an hour', () => {
    expect(isWorthTelling(message, after(1800))).toBe(true);
    expect(isWorthTelling(message, after(1801))).toBe(false);
  });
});
