import fc from 'fast-check';
import { WebhookEndpointIdSchema, EventIdSchema } from '../contract/vocabulary.ts';
import type { WebhookAttempt } from '../contract/webhook-endpoints.ts';
import { newAct } from '../../test/support/builders.ts';
import { secondsAfter } from './act.ts';
import { claimed, isItsTurn, newDelivery, nextTurn, replayed, tried } from './webhook-delivery.ts';

const NOW = new Date('2030-01-01T00:00:00.000Z');
const act = newAct({ now: () => NOW });
const fresh = () =>
  newDelivery(
    act,
    WebhookEndpointIdSchema.parse(act.newId()),
    { id: EventIdSchema.parse(act.newId()), type: 'ClientCreated' },
    'home',
    120,
  );
const answered = (status: number | null): WebhookAttempt => ({
  at: NOW.toISOString(),
  durationMs: 1,
  status,
  error: null,
});
const noPause = { askedSeconds: null, chance: 0 };
const lease = { token: 'mine', until: secondsAfter(NOW, 30) };

const secondsUntilNext = (delivery: ReturnType<typeof fresh>): number =>
  (Date.parse(delivery.nextAttemptAt ?? '') - NOW.getTime()) / 1000;

describe('a delivery', () => {
  it('is tried ten times within a day and a bit, and has failed then', () => {
    let delivery = fresh();
    let waited = 0;
    for (let tries = 1; delivery.state === 'pending'; tries += 1) {
      delivery = tried(act, claimed(delivery, lease), answered(500), noPause);
      if (delivery.state === 'failed') expect(tries).toBe(10);
      else waited += secondsUntilNext(delivery);
    }
    expect(delivery).toMatchObject({ state: 'failed', nextAttemptAt: null, lease: null });
    expect(waited / 3600).toBeGreaterThan(23);
    expect(waited / 3600).toBeLessThan(25);
    expect(replayed(act, delivery, 120)).toMatchObject({ state: 'pending', tries: 0 });
  });

  it('waits for as long as the other system asks, within reason, and never for less than it would by itself', () => {
    const times = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 10_000_000 }));
    fc.assert(
      fc.property(times, fc.double({ min: 0, max: 1, noNaN: true }), (askedSeconds, chance) => {
        const wait = secondsUntilNext(tried(act, claimed(fresh(), lease), answered(429), { askedSeconds, chance }));
        expect(wait).toBeGreaterThanOrEqual(Math.max(5, Math.min(askedSeconds ?? 0, 36_000)) - 0.001);
        expect(wait).toBeLessThanOrEqual(36_000 * 1.1);
      }),
    );
  });

  it('is tried once for a queue entry, though it comes twice or late', () => {
    const delivery = fresh();
    expect(isItsTurn(delivery, 1)).toBe(true);
    const waiting = tried(act, claimed(delivery, lease), answered(500), noPause);
    expect(isItsTurn(claimed(delivery, lease), 1)).toBe(false);
    expect(isItsTurn(waiting, 1)).toBe(false);
    const again = nextTurn(act, nextTurn(act, waiting, 120), 120);
    // An entry that was overtaken by another one, as a long queue makes it, is as good as that.
    expect([1, 2, 3].map((turn) => isItsTurn(again, turn))).toEqual([false, true, true]);
    expect(isItsTurn(tried(act, claimed(again, lease), answered(204), noPause), 3)).toBe(false);
  });
});
