import * as z from 'zod';
import { ClientIdSchema, type ClientId, type TenantId, type UserId } from '../contract/vocabulary.ts';
import type { Series } from '../domain/stats-fact.ts';
import { getTogether, query, queryAll } from './client.ts';
import { livesOnAs, standingsOf } from './interactions.ts';
import { clientCollection, interactionsDue } from './keys.ts';
import { oldestShown } from './retained.ts';
import { activityOf, counterKey, counterOfKey, counters, SHARDS } from './stats-keys.ts';

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

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MOST_TOGETHER = 100;

/**
 * What was counted about one agent on these days, in no order, some of it in parts? One read for each 25 days, side by
 * side: however many agents there are, the others' counters are not touched.
 */
export const listCountersOf = async (
  tenant: TenantId,
  generation: number,
  about: UserId,
  days: readonly string[],
): Promise<Counter[]> => {
  const keys = days.flatMap((day) =>
    Array.from({ length: SHARDS }, (_, shard) =>
      counterKey(tenant, { generation, series: 'AGENT', day, about, shard }),
    ),
  );
  const starts = Array.from({ length: Math.ceil(keys.length / MOST_TOGETHER) }, (_, at) => at * MOST_TOGETHER);
  const items = await Promise.all(starts.map((start) => getTogether(tenant, keys.slice(start, start + MOST_TOGETHER))));
  return items.flat().map((item) => ({ ...counterOfKey(String(item.sk)), fields: fieldsOf(item) }));
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
const MOST_COUNTED = 1_000;

/** The first items of a query, up to so many. One query; one more for each megabyte. */
const listFirst = async (
  tenant: TenantId,
  input: Parameters<typeof query>[1],
  most: number,
): Promise<Record<string, unknown>[]> => {
  const found: Record<string, unknown>[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await query(tenant, { ...input, Limit: most - found.length, ExclusiveStartKey: start });
    found.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start !== undefined && found.length < most);
  return found;
};

const PlannedSchema = z.object({ clientId: ClientIdSchema, gsi1sk: z.string() });

/**
 * How many interactions are planned and not completed with clients that are there, and how many of them should have been by
 * now, ISO 8601? Those due first are counted. One query, and one read for each hundred clients.
 */
export const countDue = async (
  tenant: TenantId,
  now: string,
): Promise<{ readonly open: number; readonly overdue: number; readonly isMore: boolean }> => {
  const oldest = await oldestShown(tenant, 'interactions');
  const items = await listFirst(
    tenant,
    {
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :pk AND gsi1sk >= :oldest',
      ExpressionAttributeValues: { ':pk': interactionsDue(tenant), ':oldest': oldest === '' ? '0' : oldest },
      ProjectionExpression: 'clientId, gsi1sk',
    },
    MOST_COUNTED + 1,
  );
  const planned = items.slice(0, MOST_COUNTED).map((item) => PlannedSchema.parse(item));
  const standings = await standingsOf(
    tenant,
    planned.map(({ clientId }) => clientId),
  );
  const open = planned.filter(({ clientId }) => livesOnAs(standings, clientId) !== undefined);
  const overdue = open.filter(({ gsi1sk }) => gsi1sk < now);
  return { open: open.length, overdue: overdue.length, isMore: items.length > MOST_COUNTED };
};

/** How many items stand in a collection under a prefix, up to 1,000? One query; one more for each megabyte. */
export const countUnder = async (tenant: TenantId, home: ClientId, prefix: string): Promise<number> => {
  const input = {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': clientCollection(tenant, home), ':prefix': prefix },
    ProjectionExpression: 'sk',
  };
  return (await listFirst(tenant, input, MOST_COUNTED)).length;
};
