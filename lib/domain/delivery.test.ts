import * as fc from 'fast-check';
import { newAct, newChannelId, outboundMessage } from '../../test/support/builders.ts';
import type { MessageStatus } from '../contract/messages.ts';
import { ClientIdSchema } from '../contract/vocabulary.ts';
import { claim, dispatchAgain, doubt, fail, holdsLease, isSettled, learn, postpone, requeue } from './delivery.ts';
import type { Finding } from './delivery.ts';
import { receivedMessage, type MessageRecord } from './message.ts';

const act = newAct();
const at = '2026-01-31T09:30:00.000Z';
const chatId = ClientIdSchema.parse(act.newId());
const order = ['queued', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read'] as const;
type Status = (typeof order)[number];
const rank = (status: MessageStatus): number => order.findIndex((each) => each === status);
const highest = (statuses: readonly Status[]): Status | undefined =>
  statuses.toSorted((one, other) => rank(other) - rank(one))[0];

const lease = { token: 'mine', until: at };
const queued = outboundMessage(act, chatId);
const inState = (status: Status, attempt = 1): MessageRecord => ({
  ...queued,
  status,
  delivery: queued.delivery && { ...queued.delivery, attempt, lease: status === 'sending' ? lease : null },
});

const present = (message: MessageRecord | undefined): MessageRecord => {
  if (message === undefined) throw new Error('The transition was refused.');
  return message;
};

const finding = (status: Finding['status'], attempt = 1): Finding => ({
  status,
  attempt,
  providerMessageId: `SM${attempt}`,
  error: status === 'failed' ? { code: '30003', detail: 'Unreachable' } : null,
});
const findings = (attempt: number) =>
  fc.constantFrom('sent', 'delivered', 'read', 'failed').map((status) => finding(status, attempt));

/** The message after all that is learned, in this order. */
const after = (start: MessageRecord, learned: readonly Finding[]): MessageRecord =>
  learned.reduce((message, each) => learn(message, each, at) ?? message, start);

describe('what is learned of a message', () => {
  it('ends in the same state in any order and however often it is repeated: the highest', () => {
    const start = fc.constantFrom<Status>('sending', 'unknown');
    fc.assert(
      fc.property(start, fc.array(fc.oneof(findings(1), findings(2)), { maxLength: 8 }), (status, learned) => {
        const counting = learned.filter((each) => each.status !== 'failed' || each.attempt === 2);
        const end = after(inState(status, 2), learned);
        expect(end.status).toBe(highest([status, ...counting.map((each) => each.status)]));
        expect(end.error !== null).toBe(end.status === 'failed');
        expect(end.providerMessageId === null).toBe(counting.length === 0);
      }),
      { numRuns: 1_000 },
    );
  });

  it('of a former attempt counts whenever it comes, but for its failure once the next attempt has begun', () => {
    type Move = { readonly claims: true } | Finding;
    const move = (message: MessageRecord, each: Move): MessageRecord =>
      ('claims' in each ? claim(message, lease, at) : learn(message, each, at)) ?? message;
    const former = fc.array(findings(1), { maxLength: 4 });
    fc.assert(
      fc.property(former, former, fc.array(findings(2), { maxLength: 4 }), (early, late, own) => {
        const moves: Move[] = [...early, { claims: true }, ...late];
        const end = after(moves.reduce(move, inState('queued')), early.length > 0 ? [] : own);
        // What was learned before the claim has settled the message: there is no next attempt.
        const counting =
          early.length > 0 ? [...early, ...late] : [...late.filter(({ error }) => error === null), ...own];
        expect(end.status).toBe(highest(['sending', ...counting.map(({ status }) => status)]));
      }),
      { numRuns: 1_000 },
    );
  });

  it('never moves a message down, and never writes without adding something', () => {
    const statuses = fc.constantFrom(...order);
    fc.assert(
      fc.property(statuses, fc.array(fc.oneof(findings(1), findings(2))), (status, learned) => {
        let message = inState(status);
        for (const each of learned) {
          const next = learn(message, each, at);
          if (next === undefined) continue;
          expect(rank(next.status)).toBeGreaterThanOrEqual(rank(message.status));
          expect(next.revision).toBe(message.revision + 1);
          expect(learn(next, each, at)).toBeUndefined();
          message = next;
        }
      }),
    );
  });

  it('ends the lease and takes the message off the due index', () => {
    const sent = present(learn(inState('sending'), finding('sent'), at));
    expect(sent).toMatchObject({ status: 'sent', sentAt: at, dueAt: null, providerMessageId: 'SM1' });
    expect(sent.delivery?.lease).toBeNull();
    expect(holdsLease(sent, lease.token)).toBe(false);
  });

  it('tells when it was sent, delivered and read, also where a report was skipped', () => {
    const read = present(learn(inState('sending'), finding('read'), at));
    expect(read).toMatchObject({ sentAt: at, deliveredAt: at, readAt: at });
    const failed = present(learn(inState('sending'), finding('failed'), at));
    expect(failed).toMatchObject({ sentAt: null, deliveredAt: null, error: { code: '30003' } });
    expect(learn(failed, finding('delivered'), at)).toMatchObject({ status: 'delivered', error: null, sentAt: at });
  });

  it('keeps the provider’s id whatever the state, and the first one it was told', () => {
    const early = present(learn(inState('sending'), { ...finding('read'), providerMessageId: null }, at));
    const named = present(learn(early, finding('sent'), at));
    expect(named).toMatchObject({ status: 'read', providerMessageId: 'SM1' });
    expect(learn(named, { ...finding('sent'), providerMessageId: 'SM2' }, at)).toBeUndefined();
  });

  it('of a former attempt fails nothing: a failure speaks of its own attempt only', () => {
    for (const message of [inState('sending', 2), inState('unknown', 2), inState('queued', 2)]) {
      expect(learn(message, finding('failed', 1), at)).toBeUndefined();
    }
  });
});

describe('a transition', () => {
  const when = { notBefore: at, dueAt: at };
  const error = { code: 'delivery.exhausted', detail: 'Too many attempts.' };
  /** From which states each is allowed, and where it leads. */
  const table = {
    claim: { from: ['queued'], to: 'sending', run: (message) => claim(message, lease, at) },
    'requeue by its holder': { from: ['sending'], to: 'queued', run: (message) => requeue(message, lease, when) },
    'requeue by proof': { from: ['unknown'], to: 'queued', run: (message) => requeue(message, 'settled', when) },
    doubt: { from: ['sending'], to: 'unknown', run: (message) => doubt(message, lease.token, at) },
    'giving up': { from: ['queued', 'sending', 'unknown'], to: 'failed', run: (message) => fail(message, error) },
    'dispatching again': { from: ['queued'], to: 'queued', run: (message) => dispatchAgain(message, at) },
  } satisfies Record<
    string,
    { from: Status[]; to: Status; run: (message: MessageRecord) => MessageRecord | undefined }
  >;

  it.each(Object.entries(table))('%s is allowed where the table says, and nowhere else', (_, { from, to, run }) => {
    const allowed: readonly Status[] = from;
    for (const status of order) {
      const next = run(inState(status));
      expect([status, next?.status]).toEqual([status, allowed.includes(status) ? to : undefined]);
      if (next !== undefined) expect(next.revision).toBe(queued.revision + 1);
    }
  });

  it('of an inbound message there is none', () => {
    const sender = { type: 'sms', id: null, name: null, address: '+998901234567', handle: null } as const;
    const inbound = receivedMessage(act, chatId, {
      transport: 'sms',
      channelId: newChannelId(),
      sender,
      text: 'Salom',
      media: [],
      providerMessageId: 'SM1',
      providerTime: null,
      editOf: null,
    });
    expect(Object.values(table).map(({ run }) => run(inbound))).toEqual(Object.values(table).map(() => undefined));
    expect(learn(inbound, finding('read'), at)).toBeUndefined();
    expect(postpone(inbound, at)).toBeUndefined();
  });

  it('with another’s token changes nothing', () => {
    expect(requeue(inState('sending'), { token: 'theirs' }, when)).toBeUndefined();
    expect(doubt(inState('sending'), 'theirs', at)).toBeUndefined();
  });

  it('counts attempts by claims and queue entries by dispatches', () => {
    const claimed = present(claim(queued, lease, at));
    expect(claimed.delivery).toMatchObject({ attempt: 1, dispatch: 1, attemptStartedAt: at, lease });
    expect(claimed.dueAt).toBe(lease.until);
    const again = present(dispatchAgain(present(requeue(claimed, lease, when)), at));
    expect(again.delivery).toMatchObject({ attempt: 1, dispatch: 2, lease: null, notBefore: at });
  });

  it('is final from sent on, but for late reports', () => {
    expect(order.filter(isSettled)).toEqual(['sent', 'failed', 'delivered', 'read']);
  });
});
