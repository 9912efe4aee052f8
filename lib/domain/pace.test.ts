import fc from 'fast-check';
import { admittedAt, messagesPerSecond, paceOf } from './pace.ts';

const perSecond = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.constantFrom(0.1, 0.5, 1.5, 10.5));
/** How long after the one before each message comes, in milliseconds. */
const gaps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })), { maxLength: 200 });

/** When each message may go, by a line that all of them join. */
const admitted = (rate: number, waits: readonly number[]): number[] => {
  const pace = paceOf(rate);
  let [now, end] = [1_000_000, 0];
  return waits.map((wait) => {
    now += wait;
    const start = Math.max(end, now);
    end = start + pace.turnMs;
    return admittedAt(start, pace, now);
  });
};

describe('the pace of a channel', () => {
  it('lets no more than its rate through in any second', () => {
    fc.assert(
      fc.property(perSecond, gaps, (rate, waits) => {
        const times = admitted(rate, waits);
        for (const [first, from] of times.entries()) {
          const within = times.slice(first).filter((at) => at < from + 999.9);
          expect(within.length).toBeLessThanOrEqual(Math.max(1, Math.ceil(rate)));
        }
      }),
    );
  });

  it('keeps nobody waiting who comes at a slow enough rate, and wastes nothing of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100 }), (rate, count) => {
        const slow = paceOf(rate).turnMs;
        const times = admitted(
          rate,
          Array.from({ length: count }, () => slow),
        );
        times.forEach((at, index) => expect(at).toBeCloseTo(1_000_000 + slow * (index + 1), 3));
        const flood = admitted(
          rate,
          Array.from({ length: count }, () => 0),
        );
        expect((flood.at(-1) ?? 0) - 1_000_000).toBeLessThanOrEqual(count * slow);
      }),
    );
  });

  it('is what the tenant says, or else what the provider allows everybody', () => {
    const of = (transport: 'sms' | 'whatsapp' | 'telegram', said: number | null = null) =>
      messagesPerSecond({ transport, messagesPerSecond: said }, 1);
    expect([of('sms'), of('whatsapp'), of('telegram'), of('sms', 10)]).toEqual([1, 80, 30, 10]);
  });
});
