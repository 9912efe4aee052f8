import { setTimeout as sleep } from 'node:timers/promises';
import { environment } from '../config/environment.ts';
import type { ChannelId } from '../contract/vocabulary.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import { isOutbound } from '../domain/delivery.ts';
import type { MessageRecord } from '../domain/message.ts';
import { chatTurnMs } from '../domain/pace.ts';
import type { Dispatch } from '../events/outbox.ts';
import { findChannel, knownChannel } from '../table/channels.ts';
import { ChatTooSoon } from '../table/lines.ts';
import { changeMessage, findMessageInChat } from '../table/messages.ts';
import { callProvider, claimMessage } from './attempt.ts';
import { timed } from './calls.ts';
import { abandon, doubted } from './endings.ts';
import { done, later, type Handled } from './handled.ts';
import { recordOutcome } from './outcome.ts';
import { pauseOf } from './pauses.ts';
import { providerOf } from './provider-access.ts';
import { awaitTurn } from './turns.ts';
import { dueBehind, findAhead, waitOutside } from './waiting.ts';

const secondsUntil = (act: Act, at: string): number => (Date.parse(at) - act.now().getTime()) / 1000;

/** A message that somebody else holds: its lease is waited for; one that ran out leaves the outcome unknown. */
const meetLease = async (act: Act, message: MessageRecord): Promise<Handled> => {
  const lease = message.delivery?.lease;
  if (lease === undefined || lease === null) return done;
  const seconds = secondsUntil(act, lease.until);
  if (seconds > 0) return later(seconds + 1);
  await changeMessage(act, message.chatId, message.id, (current) => doubted(act, current, lease.token));
  return done;
};

const waitUntil = async (act: Act, message: MessageRecord, dueAt: string): Promise<Handled> => {
  await waitOutside(act, message, dueAt);
  return done;
};

/** Claims, a moment later where its chat got a message just now. */
const claimWhenTime = async (act: Act, dispatch: Dispatch, channel: ChannelRecord) => {
  const claimNow = () => claimMessage(act, dispatch, chatTurnMs(channel));
  try {
    return await claimNow();
  } catch (error) {
    if (!(error instanceof ChatTooSoon)) throw error;
    await sleep(Math.max(0, Math.min(chatTurnMs(channel), error.until - act.now().getTime())));
  }
  try {
    return await claimNow();
  } catch (error) {
    if (error instanceof ChatTooSoon) return undefined;
    throw error;
  }
};

const sendQueued = async (act: Act, dispatch: Dispatch, channel: ChannelRecord): Promise<Handled> => {
  // Before the claim: what fails here has certainly sent nothing.
  const access = await providerOf(act.tenant, channel);
  const claimed = await claimWhenTime(act, dispatch, channel);
  if (claimed === undefined) return later(1);
  if (claimed === 'refused') return done;
  const { outcome, call } = await timed(act, claimed.message, () => callProvider(access, channel, claimed.message));
  return recordOutcome(act, channel, { ...claimed, call }, outcome);
};

/** Undefined when it is gone or disabled. What is remembered may be out of date, and failing a message is for good. */
const usableChannel = async (act: Act, id: ChannelId): Promise<ChannelRecord | undefined> => {
  const known = await knownChannel(act.tenant, id);
  const channel = known?.status === 'disabled' ? await findChannel(act.tenant, id) : known;
  return channel?.status === 'disabled' ? undefined : channel;
};

/** How many seconds the provider asked this message, or its whole channel, to wait. */
const pauseFor = (act: Act, { delivery, channelId }: MessageRecord): number => {
  const notBefore = delivery?.notBefore ?? null;
  const own = notBefore === null ? 0 : secondsUntil(act, notBefore);
  return Math.max(own, channelId === null ? 0 : pauseOf(channelId, act.now().getTime()));
};

/** A short pause is waited for in the queue, which keeps the chat's order; after a long one the due job brings it back. */
const waitFor = (act: Act, message: MessageRecord, seconds: number): Promise<Handled> =>
  seconds <= environment().QUEUE_WAIT_SECONDS
    ? Promise.resolve(later(seconds))
    : waitUntil(act, message, secondsAfter(act.now(), seconds));

/**
 * Sends what stands on a provider's queue: claims it, calls the provider once, and records the outcome. Whatever happens
 * in between, the message ends sent once, or `unknown` until it is settled.
 */
export const deliver = async (act: Act, dispatch: Dispatch): Promise<Handled> => {
  const found = await findMessageInChat(act.tenant, dispatch.chatId, dispatch.messageId);
  if (found === undefined || !isOutbound(found.message)) return done;
  const { message, chat } = found;
  // To nobody who is being erased is anything sent any more.
  if (chat.state === 'erased') return done;
  if (message.status === 'sending') return meetLease(act, message);
  if (message.status !== 'queued') return done;
  const pause = pauseFor(act, message);
  if (pause > 0) return waitFor(act, message, pause);
  const ahead = await findAhead(act, chat, message);
  if (ahead !== undefined) return waitUntil(act, message, dueBehind(act, ahead));
  const channel = message.channelId === null ? undefined : await usableChannel(act, message.channelId);
  if (channel === undefined) {
    await abandon(
      act,
      dispatch,
      'channel.disconnected',
      'The channel was disconnected or disabled before this was sent.',
    );
    return done;
  }
  if (channel.status === 'failing') {
    return waitUntil(act, message, channel.dueAt ?? secondsAfter(act.now(), environment().PROBE_SECONDS));
  }
  return (await awaitTurn(act, message, channel)) ?? sendQueued(act, dispatch, channel);
};
