import fc from 'fast-check';
import { bucketOf, bucketValue, percentile } from './histogram.ts';

const durations = fc.array(fc.oneof(fc.nat(5), fc.nat(10_000), fc.nat(40_000_000_000)), {
  minLength: 1,
  maxLength: 200,
});

const histogramOf = (values: readonly number[]) => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1);
  return { counts, total: values.reduce((sum, value) => sum + value, 0) };
};

/** The nearest rank. https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method */
const exactly = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.ceil(share * values.length) - 1] ?? NaN;

describe('a histogram', () => {
  it('tells percentiles within 5 %', () => {
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.9, 1), (values, share) => {
        const exact = exactly(values, share);
        expect(Math.abs((percentile(histogramOf(values), share) ?? NaN) - exact)).toBeLessThanOrEqual(0.05 * exact);
      }),
    );
  });

  it('keeps every duration in a bucket around it, and zero by itself', () => {
    fc.assert(
      fc.property(fc.nat(40_000_000_000), (value) => {
        expect(Math.abs(bucketValue(bucketOf(value)) - value)).toBeLessThanOrEqual(0.05 * value);
      }),
    );
    expect([bucketOf(0), bucketOf(1)]).toEqual([0, 1]);
  });

  it('of nothing tells nothing', () => {
    expect(percentile({ counts: new Map(), total: 0 }, 0.5)).toBeUndefined();
  });
});
