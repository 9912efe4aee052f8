import type { Attempt } from '../contract/attempts.ts';
import type { Message, MessageStatus } from '../contract/messages.ts';
import type { Delivery, MessageRecord } from './message.ts';

/** The order of an outbound message's states. Within an attempt a message only moves up. */
const ranks = { queued: 0, sending: 1, unknown: 2, sent: 3, failed: 4, delivered: 5, read: 6 } as const;

type DeliveryStatus = keyof typeof ranks;

const isDeliveryStatus = (status: MessageStatus): status is DeliveryStatus => status in ranks;

const rank = (status: MessageStatus): number => (isDeliveryStatus(status) ? ranks[status] : Number.POSITIVE_INFINITY);

/** What was learned about an attempt, from the provider's answer, its callback or its list of messages. */
export interface Finding {
  readonly status: 'sent' | 'delivered' | 'read' | 'failed';
  /** The attempt it speaks of. */
  readonly attempt: number;
  readonly providerMessageId: string | null;
  readonly error: Message['error'];
}

interface Outbound extends MessageRecord {
  readonly delivery: Delivery;
}

export const isOutbound = (message: MessageRecord): message is Outbound => message.delivery !== null;

const MOST_ATTEMPTS = 10;

/** Whether the message has been tried as often as it may be. */
export const isExhausted = ({ delivery }: MessageRecord): boolean => (delivery?.attempt ?? 0) >= MOST_ATTEMPTS;

/** A state that nothing but a late report can change. */
export const isSettled = (status: MessageStatus): boolean => rank(status) >= ranks.sent;

const next = (message: Outbound, change: Partial<MessageRecord>): MessageRecord => ({
  ...message,
  ...change,
  revision: message.revision + 1,
});

const release = (message: Outbound): Pick<Outbound, 'delivery'> => ({ delivery: { ...message.delivery, lease: null } });

/**
 * The sender takes the message: `queued` → `sending`.
 *
 * @returns undefined when somebody else has it or it is settled
 */
export const claim = (
  message: MessageRecord,
  lease: { readonly token: string; readonly until: string },
  at: string,
): MessageRecord | undefined => {
  if (!isOutbound(message) || message.status !== 'queued') return undefined;
  const attempt = message.delivery.attempt + 1;
  return next(message, {
    status: 'sending',
    error: null,
    dueAt: lease.until,
    delivery: { ...message.delivery, attempt, attemptStartedAt: at, lease, turnAt: null },
  });
};

/** Whether this token still holds the message. */
export const holdsLease = (message: MessageRecord, token: string): boolean =>
  message.status === 'sending' && message.delivery?.lease?.token === token;

/** Back to `queued`, to be sent no earlier than `notBefore` and looked after at `dueAt`, by the holder of the lease, or because an unknown attempt is proved not to have got through. */
export const requeue = (
  message: MessageRecord,
  by: { readonly token: string } | 'settled',
  when: { readonly notBefore: string | null; readonly dueAt: string },
): MessageRecord | undefined => {
  if (!isOutbound(message)) return undefined;
  const allowed = by === 'settled' ? message.status === 'unknown' : holdsLease(message, by.token);
  if (!allowed) return undefined;
  const delivery = { ...message.delivery, lease: null, notBefore: when.notBefore };
  return next(message, { status: 'queued', dueAt: when.dueAt, delivery });
};

/** Put on the queue once more: what stood there is lost, or its time has come. */
export const dispatchAgain = (message: MessageRecord, dueAt: string): MessageRecord | undefined => {
  if (!isOutbound(message) || message.status !== 'queued') return undefined;
  return next(message, { dueAt, delivery: { ...message.delivery, dispatch: message.delivery.dispatch + 1 } });
};

/** It went out, or may have, and nobody knows what became of it: `sending` → `unknown`. `dueAt`: when to ask. */
export const doubt = (message: MessageRecord, token: string, dueAt: string | null): MessageRecord | undefined => {
  if (!isOutbound(message) || !holdsLease(message, token)) return undefined;
  return next(message, { status: 'unknown', dueAt, ...release(message) });
};

/** Looks again later; changes nothing else. */
export const postpone = (message: MessageRecord, dueAt: string | null): MessageRecord | undefined =>
  isOutbound(message) ? next(message, { dueAt }) : undefined;

/** It has its turn in its channel's line at that time, and is looked after at `dueAt`. */
export const keepTurn = (message: MessageRecord, turnAt: string, dueAt: string): MessageRecord | undefined => {
  if (!isOutbound(message) || message.status !== 'queued') return undefined;
  return next(message, { dueAt, delivery: { ...message.delivery, turnAt } });
};

/** Later messages of its chat do not overtake one that waits; bulk messages keep no order, and nobody waits for them. */
export const keepsPlace = ({ lane }: Pick<MessageRecord, 'lane'>): boolean => lane !== 'bulk';

/** Ten attempts, and as many more as an unknown outcome may cost. */
const MOST_CALLS = 20;

/** A message with what is known of the call of one of its attempts. */
export const withCall = (message: MessageRecord, call: Attempt): MessageRecord => {
  if (!isOutbound(message)) return message;
  const others = message.delivery.calls.filter(({ attempt }) => attempt !== call.attempt);
  return { ...message, delivery: { ...message.delivery, calls: [...others, call].slice(-MOST_CALLS) } };
};

const times = (message: Outbound, status: Finding['status'], at: string): Partial<MessageRecord> => {
  const reached = rank(status);
  return {
    sentAt: message.sentAt ?? (status === 'failed' ? null : at),
    deliveredAt: message.deliveredAt ?? (reached >= ranks.delivered ? at : null),
    readAt: message.readAt ?? (status === 'read' ? at : null),
  };
};

/**
 * The message after a finding. The result is the maximum of what is known, so findings in any order, repeated, or before
 * the provider's own answer is recorded, end in the same state. A failure of a former attempt says nothing about this one.
 *
 * @returns undefined when the finding adds nothing
 */
export const learn = (message: MessageRecord, finding: Finding, at: string): MessageRecord | undefined => {
  if (!isOutbound(message)) return undefined;
  if (finding.status === 'failed' && finding.attempt !== message.delivery.attempt) return undefined;
  const providerMessageId = message.providerMessageId ?? finding.providerMessageId;
  if (rank(finding.status) <= rank(message.status)) {
    const late = {
      providerMessageId,
      sentAt: message.sentAt ?? (finding.status === 'failed' ? null : (message.deliveredAt ?? at)),
    };
    const addsNothing = late.providerMessageId === message.providerMessageId && late.sentAt === message.sentAt;
    return addsNothing ? undefined : next(message, late);
  }
  return next(message, {
    status: finding.status,
    error: finding.status === 'failed' ? finding.error : null,
    providerMessageId,
    dueAt: null,
    ...times(message, finding.status, at),
    ...release(message),
  });
};

/** Another message was sent in its place: nobody looks after this one any more, but late reports still count. */
export const replaced = (message: MessageRecord, resentAs: MessageRecord['id']): MessageRecord => ({
  ...message,
  resentAs,
  dueAt: null,
  revision: message.revision + 1,
});

/** Gives up: no further attempt will be made. */
export const fail = (message: MessageRecord, error: NonNullable<Message['error']>): MessageRecord | undefined => {
  if (!isOutbound(message) || isSettled(message.status)) return undefined;
  return next(message, { status: 'failed', error, dueAt: null, ...release(message) });
};
