import fc from 'fast-check';
import { takeToken, type Bucket } from './token-bucket.ts';

const allowance = { perSecond: 10, burst: 5 };

/** How many of requests at these times (milliseconds, ascending) get through. */
const passed = (times: readonly number[]): number => {
  let bucket: Bucket | undefined;
  return times.filter((at) => {
    const taken = takeToken(allowance, bucket, at);
    bucket = taken.bucket;
    return taken.waitSeconds === 0;
  }).length;
};

describe('a token bucket', () => {
  it('lets a burst through, then says how long to wait', () => {
    expect(passed([0, 0, 0, 0, 0, 0, 0])).toBe(5);
    const empty = { tokens: 0, at: 0 };
    expect(takeToken(allowance, empty, 0).waitSeconds).toBeCloseTo(0.1);
    expect(takeToken(allowance, empty, 100).waitSeconds).toBe(0);
  });

  it('never lets more through than the burst and what came in since', () => {
    const times = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(times, (unsorted) => {
        const sorted = unsorted.toSorted((one, other) => one - other);
        const span = ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) / 1000;
        expect(passed(sorted)).toBeLessThanOrEqual(allowance.burst + span * allowance.perSecond + 1e-9);
      }),
    );
  });
});
