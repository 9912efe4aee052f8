import { createHash } from 'node:crypto';
import { ClientIdSchema, type ClientId, type TenantId } from '../contract/vocabulary.ts';
import type { Clock } from '../domain/business-time.ts';
import {
  countedBy,
  FactRecordSchema,
  liveGenerations,
  StatsHeadSchema,
  type FactChange,
  type FactRecord,
  type GenerationCount,
  type StatsHead,
} from '../domain/stats-change.ts';
import { get } from './client.ts';
import { clientKey, type Key } from './keys.ts';
import { readTogether } from './read-together.ts';
import { ClockSchema } from './stats-clocks.ts';
import { activityKey, clockKey, counterKey, SHARDS, statsHeadKey } from './stats-keys.ts';
import { absent, check, commit, put, remove, update, type Step } from './transaction.ts';

/** Which counters hold? One read. */
export const getStatsHead = async (tenant: TenantId): Promise<StatsHead> =>
  StatsHeadSchema.parse((await get(tenant, { Key: statsHeadKey(tenant), ConsistentRead: true })).Item ?? {});

/** Which counters are filled from now on, and which hold? One transaction. @throws Raced when somebody else counts anew */
export const setGenerations = (
  tenant: TenantId,
  before: StatsHead,
  { generation, building }: StatsHead,
): Promise<void> =>
  commit(tenant, [
    update(statsHeadKey(tenant), {
      expression: 'SET #generation = :generation, #building = :building',
      names: { '#generation': 'generation', '#building': 'building' },
      values: { ':generation': generation, ':building': building, ':before': before.building },
      condition:
        before.building === null ? 'attribute_not_exists(#building) OR #building = :before' : '#building = :before',
    }),
  ]);

const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;

/** What is known under these keys, up to 98, and which counters hold? One read. @param clock told of as well, by its name */
export const findFacts = async (
  tenant: TenantId,
  keys: readonly Key[],
  clock?: string,
): Promise<{
  readonly head: StatsHead;
  readonly factAt: (key: Key) => FactRecord | undefined;
  readonly clock: Clock | undefined;
}> => {
  const headKey = statsHeadKey(tenant);
  const timeKey = clock === undefined ? undefined : clockKey(tenant, clock);
  const itemAt = await readTogether(tenant, [headKey, ...(timeKey === undefined ? [] : [timeKey]), ...keys]);
  return {
    head: StatsHeadSchema.parse(itemAt(headKey) ?? {}),
    factAt: (key) => FactRecordSchema.optional().parse(itemAt(key)),
    clock: timeKey && ClockSchema.optional().parse(itemAt(timeKey)),
  };
};

/** A change of what is known under a key. */
export interface KeyedChange extends FactChange {
  readonly key: Key;
}

export const homeHash = (tenant: TenantId, home: ClientId): string =>
  createHash('sha256').update(`${tenant} home ${home}`).digest('hex');

const factStep = (
  tenant: TenantId,
  head: StatsHead,
  { key, before, after, home }: KeyedChange,
  stamp: string,
): Step => {
  const same = before && { expression: 'stamp = :stamp', values: { ':stamp': before.stamp } };
  if (after === undefined) return remove(key, same ?? absent);
  const hash = home === undefined ? (before?.home ?? null) : homeHash(tenant, home);
  return put({ ...key, fact: after, generations: liveGenerations(head), stamp, home: hash }, same ?? absent);
};

const keyOf = (tenant: TenantId, { series, generation, day, about }: GenerationCount, shard: number): Key =>
  series === 'CLIENT'
    ? activityKey(tenant, ClientIdSchema.parse(about), generation, day)
    : counterKey(tenant, { generation, series, day, about, shard });

/** What is added to one item; nothing where it comes to nothing. */
const additionSteps = (key: Key, counts: readonly GenerationCount[]): Step[] => {
  const sums = new Map<string, number>();
  for (const { field, by } of counts) sums.set(field, (sums.get(field) ?? 0) + by);
  const fields = [...sums].filter(([, by]) => by !== 0);
  if (fields.length === 0) return [];
  return [
    update(key, {
      expression: `ADD ${fields.map((_, at) => `#f${at} :n${at}`).join(', ')}`,
      names: Object.fromEntries(fields.map(([field], at) => [`#f${at}`, field])),
      values: Object.fromEntries(fields.map(([, by], at) => [`:n${at}`, by])),
    }),
  ];
};

/** Nothing is written to the collection of a client that is erased. */
const stillThere = (tenant: TenantId, home: ClientId): Step =>
  check(clientKey(tenant, home), {
    expression: 'attribute_exists(pk) AND #state <> :erased',
    names: { '#state': 'state' },
    values: { ':erased': 'erased' },
  });

const stepsOf = (tenant: TenantId, head: StatsHead, changes: readonly KeyedChange[], newId: () => string): Step[] => {
  const counts: GenerationCount[] = [];
  const facts: Step[] = [];
  const homes = new Set<ClientId>();
  for (const change of changes) {
    const counted = countedBy(head, change);
    if (counted === undefined) continue;
    facts.push(factStep(tenant, head, change, newId()));
    counts.push(...counted);
    if (change.home !== undefined && counted.some(({ series }) => series === 'CLIENT')) homes.add(change.home);
  }
  const shard = Math.floor(Math.random() * SHARDS);
  const additions = [...Map.groupBy(counts, (count) => nameOf(keyOf(tenant, count, shard)))].flatMap(
    ([name, group]) => {
      const [pk = '', sk = ''] = name.split(' ');
      return additionSteps({ pk, sk }, group);
    },
  );
  return [...facts, ...[...homes].map((home) => stillThere(tenant, home)), ...additions];
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const MOST_STEPS = 100;

/**
 * Keeps facts, and adds to the counters what they change: one transaction for as many as fit in, none when all is as it was.
 *
 * @throws Raced when somebody else has written one of them since it was read, or a client was erased
 */
export const writeFacts = async (
  tenant: TenantId,
  head: StatsHead,
  changes: readonly KeyedChange[],
  newId: () => string,
): Promise<void> => {
  const steps = stepsOf(tenant, head, changes, newId);
  if (steps.length === 0) return;
  if (steps.length <= MOST_STEPS) return commit(tenant, steps);
  const middle = Math.ceil(changes.length / 2);
  await writeFacts(tenant, head, changes.slice(0, middle), newId);
  await writeFacts(tenant, head, changes.slice(middle), newId);
};
