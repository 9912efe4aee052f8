import { environment } from '../config/environment.ts';
import { Failure } from '../domain/failure.ts';
import { takeToken, type Bucket } from '../domain/token-bucket.ts';
import type { Caller } from './auth.ts';

/** A container that has seen very many callers starts over rather than grow. */
const MOST = 10_000;

const buckets = new Map<string, Bucket>();

/**
 * Keeps one user from crowding out the others. Counted in each container by itself, so that it costs no request; how much
 * comes in altogether is limited by API Gateway.
 *
 * @throws Failure `rate.limited`
 */
export const limitCaller = ({ tenant, userId }: Caller): void => {
  const perSecond = environment().REQUESTS_PER_SECOND;
  const key = `${tenant}#${userId}`;
  const { bucket, waitSeconds } = takeToken({ perSecond, burst: perSecond * 2 }, buckets.get(key), Date.now());
  if (buckets.size >= MOST) buckets.clear();
  buckets.set(key, bucket);
  if (waitSeconds === 0) return;
  throw new Failure('rate.limited', `At most ${perSecond} requests a second. Try again in a moment.`, {
    retryAfterSeconds: Math.ceil(waitSeconds),
    limit: perSecond * 2,
  });
};
