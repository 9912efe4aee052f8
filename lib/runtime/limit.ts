import ipaddr from 'ipaddr.js';
import { environment } from '../config/environment.ts';
import type { TenantId, UserId } from '../contract/vocabulary.ts';
import { Failure } from '../domain/failure.ts';
import { allowanceOf } from '../domain/pace.ts';
import { takeToken, type Bucket } from '../domain/token-bucket.ts';
import { type Key } from '../table/keys.ts';
import { rateKey } from '../table/team-keys.ts';
import { joinLine } from '../table/lines.ts';
import { knownSettings } from '../table/settings.ts';
import type { Caller } from './auth.ts';
import { describeError, logger } from './logger.ts';

/** Of more callers than that a container forgets who came first, rather than grow. */
const MOST = 10_000;

/** Requests come as they like within two seconds. */
const BURST_SECONDS = 2;

/** What this container knows of somebody's requests. */
interface Counter {
  bucket: Bucket | undefined;
  /** How many of its requests the table has not been told of. */
  untold: number;
  /** Until when the table has heard of enough, in milliseconds since the epoch. */
  blockedUntil: number;
}

interface Limit {
  readonly of: 'user' | 'tenant' | 'address';
  readonly perSecond: number;
  readonly burst: number;
}

/** Strangers, who can have as many addresses as they like, push out no user. */
const counters = { known: new Map<string, Counter>(), addresses: new Map<string, Counter>() };

const counterOf = (among: keyof typeof counters, name: string): Counter => {
  const those = counters[among];
  const counter = those.get(name) ?? { bucket: undefined, untold: 0, blockedUntil: 0 };
  // Whoever came last stands last.
  those.delete(name);
  those.set(name, counter);
  const [first] = those.keys();
  if (those.size > MOST && first !== undefined) those.delete(first);
  return counter;
};

const refuse = ({ of, perSecond, burst }: Limit, seconds: number): Failure =>
  new Failure('rate.limited', `At most ${perSecond} requests a second. Try again in a moment.`, {
    retryAfterSeconds: Math.max(1, Math.ceil(seconds)),
    limit: Math.max(1, Math.floor(burst)),
    limitOf: of,
  });

/** What this container has seen alone. @throws Failure `rate.limited` */
const countHere = (counter: Counter, limit: Limit): void => {
  const now = Date.now();
  const blocked = counter.blockedUntil - now;
  if (blocked > 0) throw refuse(limit, blocked / 1000);
  const burst = Math.max(1, limit.burst);
  const { bucket, waitSeconds } = takeToken({ perSecond: limit.perSecond, burst }, counter.bucket, now);
  counter.bucket = bucket;
  if (waitSeconds > 0) throw refuse(limit, waitSeconds);
  counter.untold += 1;
};

/** Told of so many requests at a time, the table costs each of them little, and hears of nobody who makes but a few. */
const lotOf = (perSecond: number): number => Math.max(5, Math.floor(perSecond / 20));

/**
 * Tells the table of a lot that was used up here, and hears of what was used up elsewhere. One request a lot. While the
 * table is away each container counts by itself.
 */
const countEverywhere = async (tenant: TenantId, key: Key, counter: Counter, { perSecond }: Limit): Promise<void> => {
  const lot = lotOf(perSecond);
  if (counter.untold < lot) return;
  counter.untold -= lot;
  const { turnMs, toleranceMs } = allowanceOf(perSecond);
  const now = Date.now();
  try {
    const start = await joinLine(tenant, { key, name: 'all' }, lot * turnMs, now);
    counter.blockedUntil = start + lot * turnMs - toleranceMs;
  } catch (error) {
    logger.warn('requests could not be counted', describeError(error));
  }
};

const tenantLimits = async (tenant: TenantId): Promise<{ readonly user: Limit; readonly tenant: Limit }> => {
  const { REQUESTS_PER_SECOND, TENANT_REQUESTS_PER_SECOND: most } = environment();
  const own = (await knownSettings(tenant).catch(() => undefined))?.limits;
  // A tenant shares out what the deployment gives it, and gives itself no more.
  const said = (perSecond: number | null | undefined): number => Math.min(perSecond ?? most, most);
  const limit = (of: Limit['of'], perSecond: number): Limit => ({ of, perSecond, burst: perSecond * BURST_SECONDS });
  return {
    user: limit('user', said(own?.requestsPerUser ?? REQUESTS_PER_SECOND)),
    tenant: limit('tenant', said(own?.requestsPerTenant)),
  };
};

/**
 * Keeps one user from crowding out the others, and one tenant from crowding out other tenants. Counted over all containers,
 * in lots: no request of its own for most, one or two for one in many. What a container has not told the table of yet is
 * what goes over a limit at most, a lot for each container.
 *
 * @throws Failure `rate.limited`
 */
export const limitCaller = async ({ tenant, userId }: Pick<Caller, 'tenant' | 'userId'>): Promise<void> => {
  const limits = await tenantLimits(tenant);
  const subjects: readonly (readonly [Limit, UserId | null])[] = [
    [limits.user, userId],
    [limits.tenant, null],
  ];
  for (const [limit, who] of subjects) {
    const key = rateKey(tenant, who);
    const counter = counterOf('known', key.pk);
    countHere(counter, limit);
    await countEverywhere(tenant, key, counter, limit);
  }
};

const BITS_OF_A_NETWORK = 64;

/** One customer's network is one address, as a rule: IPv6 gives each a block of them, and has many ways to write it. */
const networkOf = (text: string): string => {
  if (!ipaddr.isValid(text)) return text;
  const address = ipaddr.process(text);
  return address instanceof ipaddr.IPv6
    ? ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${BITS_OF_A_NETWORK}`).toString()
    : address.toString();
};

/**
 * Keeps one address from asking too much where nobody says who asks, or says it wrongly. Counted in each container by itself:
 * what strangers do writes nothing. API Gateway limits what comes in altogether.
 *
 * @throws Failure `rate.limited`
 */
export const limitAddress = (address: string): void => {
  const perSecond = environment().ADDRESS_REQUESTS_PER_SECOND;
  countHere(counterOf('addresses', networkOf(address)), { of: 'address', perSecond, burst: perSecond * 5 });
};
