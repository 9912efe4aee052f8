import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import type { Series } from '../domain/stats-fact.ts';
import { query, queryAll } from './client.ts';
import { clientCollection, interactionsDue } from './keys.ts';
import { activityOf, counterOfKey, counters } from './stats-keys.ts';

/** Some of the numbers, of one day and about one channel, agent or template. */
export interface Counter {
  readonly day: string;
  readonly about: string;
  readonly fields: ReadonlyMap<string, number>;
}

const fieldsOf = (item: Readonly<Record<string, unknown>>): Map<string, number> =>
  new Map(Object.entries(item).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value] as const] : [])));

/** What was counted in a series on these days, in no order, some of it in parts? One query; one more for each megabyte. */
export const listCounters = async (
  tenant: TenantId,
  generation: number,
  series: Series,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<Counter[]> => {
  const items = await queryAll(tenant, {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': counters(tenant, generation, series), ':from': from, ':to': `${to}~` },
  });
  return items.map((item) => ({ ...counterOfKey(String(item.sk)), fields: fieldsOf(item) }));
};

/** What was written with a client on these days? One query of a collection. */
export const listActivity = async (
  tenant: TenantId,
  home: ClientId,
  generation: number,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<Counter[]> => {
  const prefix = activityOf(generation);
  const items = await queryAll(tenant, {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':pk': clientCollection(tenant, home),
      ':from': `${prefix}${from}`,
      ':to': `${prefix}${to}`,
    },
  });
  return items.map((item) => ({ day: String(item.sk).slice(prefix.length), about: home, fields: fieldsOf(item) }));
};

/** Further than this is not counted where something is counted by looking at it. */
export const MOST_COUNTED = 1_000;

/** How many interactions are planned and not completed, and how many of them should have been? Two queries, side by side. */
export const countDue = async (
  tenant: TenantId,
  now: string,
): Promise<{ readonly open: number; readonly overdue: number }> => {
  const count = async (to: string): Promise<number> => {
    const { Count = 0 } = await query(tenant, {
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :pk AND gsi1sk < :to',
      ExpressionAttributeValues: { ':pk': interactionsDue(tenant), ':to': to },
      Select: 'COUNT',
      Limit: MOST_COUNTED,
    });
    return Count;
  };
  const [open, overdue] = await Promise.all([count('~'), count(now)]);
  return { open, overdue };
};

/** How many items stand in a collection under a prefix? One query. */
export const countUnder = async (tenant: TenantId, home: ClientId, prefix: string): Promise<number> => {
  const { Count = 0 } = await query(tenant, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': clientCollection(tenant, home), ':prefix': prefix },
    Select: 'COUNT',
    Limit: MOST_COUNTED,
  });
  return Count;
};
