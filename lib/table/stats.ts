import { createHash } from 'node:crypto';
import * as z from 'zod';
import { BusinessHoursSchema } from '../contract/settings.ts';
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
import { get, getTogether } from './client.ts';
import { clientKey, type Key } from './keys.ts';
import { activityKey, counterKey, statsHeadKey } from './stats-keys.ts';
import { absent, check, commit, put, remove, update, type Step } from './transaction.ts';

/** So many items share what is counted, so that those who count at once seldom wait for each other. */
const SHARDS = 4;

const ClockSchema = z.object({ timeZone: z.string(), businessHours: BusinessHoursSchema.nullable() });
const CLOCK = 'clock:';

/** The head, with every clock that something was counted by. */
export interface StatsState extends StatsHead {
  readonly clocks: ReadonlyMap<string, Clock>;
}

const parseState = (item: Readonly<Record<string, unknown>> | undefined): StatsState => ({
  ...StatsHeadSchema.parse(item ?? {}),
  clocks: new Map(
    Object.entries(item ?? {})
      .filter(([name]) => name.startsWith(CLOCK))
      .map(([name, value]) => [name.slice(CLOCK.length), ClockSchema.parse(value)]),
  ),
});

/** What a clock is called: the same for the same. */
export const clockName = ({ timeZone, businessHours }: Clock): string =>
  createHash('sha256')
    .update(JSON.stringify(ClockSchema.parse({ timeZone, businessHours })))
    .digest('hex')
    .slice(0, 16);

/** Which counters hold? One read. */
export const getStatsHead = async (tenant: TenantId): Promise<StatsState> =>
  parseState((await get(tenant, { Key: statsHeadKey(tenant), ConsistentRead: true })).Item);

/** Keeps a clock that something is counted by. One transaction. */
export const keepClock = (tenant: TenantId, clock: Clock): Promise<void> =>
  commit(tenant, [
    update(statsHeadKey(tenant), {
      expression: 'SET #clock = :clock',
      names: { '#clock': `${CLOCK}${clockName(clock)}` },
      values: { ':clock': ClockSchema.parse({ timeZone: clock.timeZone, businessHours: clock.businessHours }) },
    }),
  ]);

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

/** What is known under these keys, up to 99, and which counters hold? One read. */
export const findFacts = async (
  tenant: TenantId,
  keys: readonly Key[],
): Promise<{ readonly state: StatsState; readonly factAt: (key: Key) => FactRecord | undefined }> => {
  const items = await getTogether(tenant, [statsHeadKey(tenant), ...keys]);
  const found = new Map(items.map((item) => [`${String(item.pk)} ${String(item.sk)}`, item]));
  return {
    state: parseState(found.get(nameOf(statsHeadKey(tenant)))),
    factAt: (key) => FactRecordSchema.optional().parse(found.get(nameOf(key))),
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
