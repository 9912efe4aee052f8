import type { Channel } from '../contract/channels.ts';

/** How a line moves: a turn each so many milliseconds, and how far ahead of their time turns may be taken when it was idle. */
export interface Pace {
  readonly turnMs: number;
  readonly toleranceMs: number;
}

const toMicroseconds = (ms: number): number => Math.ceil(ms * 1000) / 1000;

/**
 * A pace at which no second carries more than so many, whenever it begins: what goes at once after a pause is taken off
 * the steady rate.
 */
export const paceOf = (perSecond: number): Pace => {
  const burst = Math.max(1, Math.floor(perSecond / 6));
  const turnMs = toMicroseconds(1000 / (perSecond - burst + 1));
  return { turnMs, toleranceMs: (burst - 1) * turnMs };
};

/** So many a second on average, twice as many at once. */
export const allowanceOf = (perSecond: number): Pace => ({ turnMs: 1000 / perSecond, toleranceMs: 2_000 });

/** Bulk messages get this part of what a channel carries, when no conversation needs it. */
const BULK_SHARE = 0.5;

/** How long a bulk message's turn is on a channel of this pace, and under the tenant's own limit. */
export const bulkTurnMs = ({ turnMs }: Pace): number => turnMs / BULK_SHARE;

/**
 * When the message whose turn stands at `start` in its line may go, in milliseconds since the epoch. This is GCRA: all
 * that is kept of a line is when its next turn would be free if nobody ever were early.
 * https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export const admittedAt = (start: number, { toleranceMs }: Pick<Pace, 'toleranceMs'>, now: number): number =>
  Math.max(now, start - toleranceMs);

/** https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this */
const TELEGRAM_PER_SECOND = 30;
const TELEGRAM_CHAT_TURN_MS = 1_000;

/** https://www.twilio.com/docs/whatsapp/api#rate-limiting */
const WHATSAPP_PER_SECOND = 80;

/** How many messages a second a channel carries: as its tenant says, or else what its provider allows everybody. */
export const messagesPerSecond = (
  { transport, messagesPerSecond: said }: Pick<Channel, 'transport' | 'messagesPerSecond'>,
  smsPerSecond: number,
): number => {
  if (said !== null) return said;
  if (transport === 'telegram') return TELEGRAM_PER_SECOND;
  return transport === 'whatsapp' ? WHATSAPP_PER_SECOND : smsPerSecond;
};

/** How long one chat has to wait for its next message, where the provider minds. */
export const chatTurnMs = ({ transport }: Pick<Channel, 'transport'>): number =>
  transport === 'telegram' ? TELEGRAM_CHAT_TURN_MS : 0;
