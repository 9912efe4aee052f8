import { environment } from '../config/environment.ts';
import type { Attempt } from '../contract/attempts.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import { isExhausted, keepsPlace, requeue } from '../domain/delivery.ts';
import type { MessageRecord } from '../domain/message.ts';
import { messageEvent } from '../domain/occurrence.ts';
import type { SendOutcome } from '../providers/provider.ts';
import { holdPlace } from '../table/chat-entry.ts';
import { changeMessage, type MessageChange } from '../table/messages.ts';
import type { Claimed } from './attempt.ts';
import { noting } from './calls.ts';
import { noteFailure, noteSuccess } from './channel-health.ts';
import { doubted, giveUp } from './endings.ts';
import { recordAnswer } from './findings.ts';
import { done, later, type Handled } from './handled.ts';
import { pauseChannel } from './pauses.ts';

/** A message whose provider was called. */
interface Called extends Claimed {
  readonly call: Attempt;
}

/** Back into the queue: shown again soon, which keeps the chat's order, or found by the due job after a long wait. */
const wait = async (act: Act, { message, token, call }: Called, seconds: number): Promise<Handled> => {
  const { QUEUE_WAIT_SECONDS, REDISPATCH_SECONDS } = environment();
  const inQueue = seconds <= QUEUE_WAIT_SECONDS;
  const notBefore = secondsAfter(act.now(), seconds);
  const dueAt = secondsAfter(act.now(), inQueue ? seconds + REDISPATCH_SECONDS : seconds);
  const decide = (current: MessageRecord): MessageChange | undefined => {
    const next = requeue(current, { token }, { notBefore, dueAt });
    const also = inQueue || !keepsPlace(message) ? [] : [holdPlace(act.tenant, message)];
    return next && { next, also, event: messageEvent(act, 'MessageQueued', next, current) };
  };
  await changeMessage(act, message.chatId, message.id, noting(call, decide));
  return inQueue ? later(seconds) : done;
};

const retry = async (act: Act, claimed: Called, seconds: number, code: string, detail: string): Promise<Handled> => {
  const { message, token, call } = claimed;
  if (!isExhausted(message)) return wait(act, claimed, seconds);
  const decide = (current: MessageRecord): MessageChange | undefined =>
    current.delivery?.lease?.token === token ? giveUp(act, current, code, detail) : undefined;
  await changeMessage(act, message.chatId, message.id, noting(call, decide));
  return done;
};

const backoffSeconds = ({ message }: Claimed): number => Math.min(300, 2 ** (message.delivery?.attempt ?? 1));

/** Writes down what came of the call, whatever became of the message meanwhile. */
export const recordOutcome = async (
  act: Act,
  channel: ChannelRecord,
  claimed: Called,
  outcome: SendOutcome,
): Promise<Handled> => {
  const { message, token, call } = claimed;
  const { chatId, id } = message;
  const attempt = message.delivery?.attempt ?? 0;
  switch (outcome.kind) {
    case 'accepted': {
      const { providerMessageId } = outcome;
      const sent = { status: 'sent', attempt, providerMessageId, error: null, optedOut: false } as const;
      await recordAnswer(act, message, sent, call);
      if (channel.failures > 0) await noteSuccess(act, channel.id);
      return done;
    }
    case 'refused': {
      const { code, detail, optedOut } = outcome;
      const error = { code, detail };
      const failed = { status: 'failed', attempt, providerMessageId: null, error, optedOut } as const;
      await recordAnswer(act, message, failed, call);
      return done;
    }
    case 'rate-limited':
      if (outcome.scope === 'channel') pauseChannel(channel.id, act.now().getTime() + outcome.retryAfterSeconds * 1000);
      return retry(
        act,
        claimed,
        outcome.retryAfterSeconds,
        'provider.rate-limited',
        'The provider asked for a pause too often.',
      );
    case 'unreachable':
      await noteFailure(act, channel.id);
      return retry(act, claimed, backoffSeconds(claimed), 'provider.unreachable', outcome.detail);
    case 'channel-fault':
      await noteFailure(act, channel.id);
      return retry(act, claimed, backoffSeconds(claimed), outcome.code, outcome.detail);
    case 'ambiguous':
      await changeMessage(
        act,
        chatId,
        id,
        noting(call, (current) => doubted(act, current, token)),
      );
      return done;
  }
};
