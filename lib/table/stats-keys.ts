import { createHash } from 'node:crypto';
import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import { clientCollection, part, within, type Key } from './keys.ts';

/** Which counters hold. */
export const statsHeadKey = (tenant: TenantId): Key => ({ pk: within(tenant, 'STATS'), sk: 'HEAD' });
/** By which time zone and hours something was counted. @param name the same for the same */
export const clockKey = (tenant: TenantId, name: string): Key => ({
  pk: within(tenant, 'STATS'),
  sk: `CLOCK#${part(name)}`,
});
/**
 * What statistics know of one thing; hashed, since it outlives what is erased.
 *
 * @param kind what kind of thing it is @param id its own
 */
export const factKey = (tenant: TenantId, kind: string, id: string): Key => ({
  pk: within(tenant, 'STATS', 'FACT', createHash('sha256').update(`${tenant} ${kind} ${id}`).digest('hex')),
  sk: 'FACT',
});
export const isFact = ({ pk }: Pick<Key, 'pk'>): boolean => /^T#[^#]+#STATS#FACT#/.test(pk);
export const isCounter = ({ pk }: Pick<Key, 'pk'>): boolean => /^T#[^#]+#STATS#\d+#/.test(pk);
/** Each time that all is counted anew, it is in counters of another generation. */
export const counters = (tenant: TenantId, generation: number, series: string): string =>
  within(tenant, 'STATS', String(generation), series);
/**
 * So many items share what is counted, so that those who count at once seldom wait for each other. There may be more of them
 * one day, never fewer: all are read by their names.
 */
export const SHARDS = 4;
/** Several items hold what is counted at once: their sum is the number. @param day '' for what is counted over all days */
export const counterKey = (
  tenant: TenantId,
  {
    generation,
    series,
    day,
    about,
    shard,
  }: { generation: number; series: string; day: string; about: string; shard: number },
): Key => ({ pk: counters(tenant, generation, series), sk: `${day}#${part(about)}#${shard}` });
export const ACTIVITY = 'ACTIVITY#';
export const activityOf = (generation: number): string => `${ACTIVITY}${generation}#`;
/** What was written with a client on a day. */
export const activityKey = (tenant: TenantId, clientId: ClientId, generation: number, day: string): Key => ({
  pk: clientCollection(tenant, clientId),
  sk: `${activityOf(generation)}${day}`,
});
/** What is named in a counter's key, read back from it. */
export const counterOfKey = (sk: string): { readonly day: string; readonly about: string } => {
  const [day = '', about = ''] = sk.split('#');
  return { day, about: about.replaceAll('%23', '#').replaceAll('%25', '%') };
};
