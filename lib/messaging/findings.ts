import type { Attempt } from '../contract/attempts.ts';
import type { ChatId, MessageId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import { learn, type Finding } from '../domain/delivery.ts';
import type { MessageRecord } from '../domain/message.ts';
import { messageEvent } from '../domain/occurrence.ts';
import { changeMessage, recordReference, type MessageChange } from '../table/messages.ts';
import type { Step } from '../table/transaction.ts';
import { noting } from './calls.ts';
import { optOutSteps } from './consent.ts';

const eventTypes = {
  sent: 'MessageSent',
  delivered: 'MessageDelivered',
  read: 'MessageRead',
  failed: 'MessageFailed',
} as const;

/** What was learned of a message, and whether its addressee wants no more of them. */
export interface Learned extends Finding {
  readonly optedOut: boolean;
}

/** The provider's name for a message that we sent: with it, a later search knows that this one is taken. */
const referenceSteps = (act: Act, before: MessageRecord, after: MessageRecord): Step[] => {
  const { providerMessageId, channelId } = after;
  const isNew = providerMessageId !== null && providerMessageId !== before.providerMessageId;
  return isNew && channelId !== null ? [recordReference(act.tenant, channelId, providerMessageId, after)] : [];
};

const apply = async (act: Act, before: MessageRecord, learned: Learned): Promise<MessageChange | undefined> => {
  const next = learn(before, learned, instant(act.now()));
  if (next === undefined) return undefined;
  const also = [
    ...referenceSteps(act, before, next),
    ...(learned.optedOut ? await optOutSteps(act, before, learned.error?.code ?? null) : []),
  ];
  const moved = next.status !== before.status;
  return { next, also, ...(moved && { event: messageEvent(act, eventTypes[learned.status], next, before) }) };
};

/** Brings a message up to what was learned of it. One read and one transaction; nothing when it adds nothing. */
export const recordFinding = (
  act: Act,
  chatId: ChatId,
  messageId: MessageId,
  learned: Learned,
): Promise<MessageRecord | undefined> => changeMessage(act, chatId, messageId, (before) => apply(act, before, learned));

/** The same of a message that its sender holds, with the call that it was learned by. One transaction. */
export const recordAnswer = (
  act: Act,
  own: MessageRecord,
  learned: Learned,
  call: Attempt,
): Promise<MessageRecord | undefined> =>
  changeMessage(
    act,
    own.chatId,
    own.id,
    noting(call, (before) => apply(act, before, learned)),
    own,
  );
