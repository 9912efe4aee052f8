import { setTimeout as sleep } from 'node:timers/promises';
import { environment } from '../config/environment.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import { keepsPlace, keepTurn } from '../domain/delivery.ts';
import type { MessageRecord } from '../domain/message.ts';
import { admittedAt, bulkTurnMs, messagesPerSecond, paceOf, type Pace } from '../domain/pace.ts';
import { holdPlace } from '../table/chat-entry.ts';
import { paceKey } from '../table/team-keys.ts';
import { joinIfSoon, joinLine, takeIfIdle } from '../table/lines.ts';
import { changeMessage } from '../table/messages.ts';
import { knownSettings } from '../table/settings.ts';
import { later, done, type Handled } from './handled.ts';

/** The longest that a sender itself waits. Longer waits cost nothing in the queue. */
const SHORT_MS = 1_000;

/** Who comes later than this after its turn takes another one. */
const LATE_MS = 5_000;

/** How early the due job brings back what waits outside the queue: it comes by only now and then. */
const aheadSeconds = (): number => 2 * environment().QUEUE_WAIT_SECONDS;

const linesOf = (act: Act, { id }: ChannelRecord) => {
  const key = paceKey(act.tenant, id);
  return { all: { key, name: 'all' }, bulk: { key, name: 'bulk' } } as const;
};

/** A bulk message's turn among its channel's, and among all of its tenant where that has set a limit to them. */
const takeBulkTurn = async (act: Act, channel: ChannelRecord, pace: Pace, now: number): Promise<number> => {
  const { bulkMessages } = (await knownSettings(act.tenant)).limits;
  const own = await joinLine(act.tenant, linesOf(act, channel).bulk, bulkTurnMs(pace), now);
  if (bulkMessages === null) return own;
  const everybodys = { key: paceKey(act.tenant, null), name: 'bulk' } as const;
  return Math.max(own, await joinLine(act.tenant, everybodys, 1000 / bulkMessages, now));
};

const takeTurn = async (act: Act, message: MessageRecord, channel: ChannelRecord, pace: Pace): Promise<number> => {
  const now = act.now().getTime();
  const taken = message.delivery?.turnAt ?? null;
  if (taken !== null && Date.parse(taken) > now - LATE_MS) return Date.parse(taken);
  if (message.lane === 'bulk') return takeBulkTurn(act, channel, pace, now);
  return admittedAt(await joinLine(act.tenant, linesOf(act, channel).all, pace.turnMs, now), pace, now);
};

/** In the queue, which keeps the chat's order; a long wait outside of it, where the place in the chat is held. */
const waitForTurn = async (act: Act, { chatId, id, delivery }: MessageRecord, at: number): Promise<Handled> => {
  const turnAt = instant(new Date(at));
  const seconds = (at - act.now().getTime()) / 1000;
  const inQueue = seconds <= aheadSeconds();
  const dueAt = secondsAfter(new Date(at), inQueue ? environment().REDISPATCH_SECONDS : -aheadSeconds());
  if (!inQueue || delivery?.turnAt !== turnAt) {
    await changeMessage(act, chatId, id, (current) => {
      const next = keepTurn(current, turnAt, dueAt);
      const holds = !inQueue && keepsPlace(current);
      return next && { next, also: holds ? [holdPlace(act.tenant, current)] : [] };
    });
  }
  // Shown again a moment before its turn rather than after.
  return inQueue ? later(Math.floor(seconds)) : done;
};

/**
 * Waits for the message's turn in its channel's line, so that the provider is asked for no more than it takes. One request;
 * two for a bulk message, whose second one makes sure that no conversation waits. One read and one transaction more
 * where the wait is longer than a sender's patience: then the message keeps its turn.
 *
 * @returns undefined when it is its turn; otherwise what the queue is told
 */
export const awaitTurn = async (
  act: Act,
  message: MessageRecord,
  channel: ChannelRecord,
): Promise<Handled | undefined> => {
  const pace = paceOf(messagesPerSecond(channel, environment().SMS_MESSAGES_PER_SECOND));
  const at = await takeTurn(act, message, channel, pace);
  const ms = at - act.now().getTime();
  if (ms > SHORT_MS) return waitForTurn(act, message, at);
  if (ms > 0) await sleep(ms);
  if (message.lane !== 'bulk') return undefined;
  const now = act.now().getTime();
  const idleAt = await takeIfIdle(act.tenant, linesOf(act, channel).all, pace.turnMs, now);
  return idleAt === undefined ? undefined : later(Math.min(aheadSeconds(), Math.max(1, (idleAt - now) / 1000)));
};

/**
 * Waits for a turn in a channel's line for what is no client's message, a moment at most. One request.
 *
 * @returns false where the line is longer than that; then nothing of it is taken
 */
export const awaitQuickTurn = async (act: Act, channel: ChannelRecord): Promise<boolean> => {
  const pace = paceOf(messagesPerSecond(channel, environment().SMS_MESSAGES_PER_SECOND));
  const now = act.now().getTime();
  const patienceMs = pace.toleranceMs + SHORT_MS;
  const start = await joinIfSoon(act.tenant, linesOf(act, channel).all, pace.turnMs, now, patienceMs);
  if (start === undefined) return false;
  const ms = admittedAt(start, pace, now) - act.now().getTime();
  if (ms > 0) await sleep(ms);
  return true;
};
