/** So many requests a second on average, so many at once. */
export interface Allowance {
  readonly perSecond: number;
  readonly burst: number;
}

/** What is left of an allowance, and when that was counted (milliseconds since the epoch). */
export interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** Takes one token. `waitSeconds` says when there will be one where there is none. */
export const takeToken = (
  { perSecond, burst }: Allowance,
  bucket: Bucket | undefined,
  at: number,
): { readonly bucket: Bucket; readonly waitSeconds: number } => {
  const refilled =
    bucket === undefined ? burst : Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond);
  return refilled >= 1
    ? { bucket: { tokens: refilled - 1, at }, waitSeconds: 0 }
    : { bucket: { tokens: refilled, at }, waitSeconds: (1 - refilled) / perSecond };
};
