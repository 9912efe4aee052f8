/** Each bucket reaches to so many times where the one before ends: what is told of a duration is off by 5 % at most. */
const GROWTH = 1.1;
/** What lies within a bucket is told as its middle, as far from both ends by proportion. */
const MIDDLE = 1 / Math.sqrt(GROWTH);

/** Into which bucket a duration falls, in whole milliseconds: 0 is told from all others, and exactly. */
export const bucketOf = (milliseconds: number): number =>
  milliseconds < 1 ? 0 : 1 + Math.ceil(Math.log(milliseconds) / Math.log(GROWTH) - 1e-9);

/** What is told of the durations in a bucket, in milliseconds. */
export const bucketValue = (bucket: number): number => (bucket === 0 ? 0 : GROWTH ** (bucket - 1) * MIDDLE);

/** How many durations fell into which bucket, and how long all of them took together, in milliseconds. */
export interface Histogram {
  readonly counts: ReadonlyMap<number, number>;
  readonly total: number;
}

export const sizeOf = ({ counts }: Histogram): number => [...counts.values()].reduce((sum, count) => sum + count, 0);

/**
 * The duration that a share of all does not exceed (nearest rank), in milliseconds, within 5 %; undefined where there are
 * none.
 *
 * @param share above 0, up to 1
 */
export const percentile = (histogram: Histogram, share: number): number | undefined => {
  let left = Math.ceil(share * sizeOf(histogram) - 1e-9);
  for (const [bucket, count] of [...histogram.counts].toSorted(([one], [other]) => one - other)) {
    left -= count;
    if (count > 0 && left <= 0) return bucketValue(bucket);
  }
  return undefined;
};
