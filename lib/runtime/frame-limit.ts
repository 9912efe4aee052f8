import type { TenantId } from '../contract/vocabulary.ts';
import { Failure } from '../domain/failure.ts';
import { takeToken, type Allowance, type Bucket } from '../domain/token-bucket.ts';

const OF_CONNECTION: Allowance = { perSecond: 5, burst: 20 };
/** Some hundreds of people who type at once. */
const OF_TENANT: Allowance = { perSecond: 200, burst: 400 };
/** A container that has seen very many connections, or tenants, starts over rather than grow. */
const MOST = 10_000;

const buckets = { connections: new Map<string, Bucket>(), tenants: new Map<string, Bucket>() };

const take = (among: keyof typeof buckets, name: string, allowance: Allowance, whose: string): void => {
  const those = buckets[among];
  const { bucket, waitSeconds } = takeToken(allowance, those.get(name), Date.now());
  if (those.size >= MOST) those.clear();
  those.set(name, bucket);
  if (waitSeconds > 0) throw new Failure('rate.limited', `At most ${allowance.perSecond} frames a second${whose}.`);
};

/**
 * Keeps one connection from flooding the others, and one tenant from using up what frames all tenants may send. Counted in
 * each container by itself. What a connection has no room for does not count for its tenant.
 *
 * @throws Failure `rate.limited`
 */
export const limitFrames = (tenant: TenantId, connectionId: string): void => {
  take('connections', connectionId, OF_CONNECTION, '');
  take('tenants', tenant, OF_TENANT, ' for all of you together');
};
