import type { TenantId } from '../contract/vocabulary.ts';
import { COUNTER_SERIES } from '../domain/stats-fact.ts';
import { batchWrite, queryAll } from './client.ts';
import { type Key } from './keys.ts';
import { ACTIVITY, counters } from './stats-keys.ts';
import { getAtOnce } from './transaction.ts';

/** A number of a generation, by what it is called in each. */
export interface Place {
  readonly generation: number;
  /** What it is called in all generations. */
  readonly name: string;
  readonly key: Key;
}

const COUNTER = /^T#[^#]+#STATS#(\d+)#([A-Z]+)$/;
const OF_CLIENT = new RegExp(`^${ACTIVITY}(\\d+)#(.*)$`);

/** Whose counter it is; undefined for an item that is none. */
export const placeOf = ({ pk, sk }: Key): Place | undefined => {
  const [, generation, series] = COUNTER.exec(pk) ?? [];
  if (generation !== undefined) {
    const name = `${series ?? ''} ${sk.slice(0, sk.lastIndexOf('#'))}`;
    return { generation: Number(generation), name, key: { pk, sk } };
  }
  const [, ofClient, day] = OF_CLIENT.exec(sk) ?? [];
  return ofClient === undefined
    ? undefined
    : { generation: Number(ofClient), name: `${pk} ${day ?? ''}`, key: { pk, sk } };
};

const numbersIn = (items: readonly Readonly<Record<string, unknown>>[]): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const [field, value] of items.flatMap((item) => Object.entries(item)))
    if (typeof value === 'number') sums.set(field, (sums.get(field) ?? 0) + value);
  return sums;
};

/** Every item in which something is counted in a series of a generation. One query for each, and for each megabyte. */
const placesOfCounters = async (tenant: TenantId, generation: number): Promise<Place[]> => {
  const items = await Promise.all(
    COUNTER_SERIES.map((series) =>
      queryAll(tenant, {
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': counters(tenant, generation, series) },
        ProjectionExpression: 'pk, sk',
        ConsistentRead: true,
      }),
    ),
  );
  return items.flat().flatMap(({ pk, sk }) => placeOf({ pk: String(pk), sk: String(sk) }) ?? []);
};

const differencesAt = (
  items: readonly Readonly<Record<string, unknown>>[],
  places: readonly Place[],
  [earlier, later]: readonly [number, number],
): number => {
  const of = (generation: number) =>
    numbersIn(
      items.filter(({ pk, sk }) =>
        places.some(({ key, ...place }) => place.generation === generation && key.pk === pk && key.sk === sk),
      ),
    );
  const [before, after] = [of(earlier), of(later)];
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (field) => (before.get(field) ?? 0) !== (after.get(field) ?? 0),
  ).length;
};

/** A number is in up to four items of each generation, and a read takes a hundred. */
const COMPARED_AT_ONCE = 12;

/**
 * How many numbers are not the same in two generations? What counts anew writes to both in one transaction, and they are read
 * as they are at one moment: one read for each dozen.
 *
 * @param ofClients those that stand in clients' collections
 */
export const compareGenerations = async (
  tenant: TenantId,
  generations: readonly [number, number],
  ofClients: readonly Place[],
): Promise<number> => {
  const ofAll = await Promise.all(generations.map((generation) => placesOfCounters(tenant, generation)));
  const relevant = [...ofAll.flat(), ...ofClients].filter(({ generation }) => generations.includes(generation));
  const groups = [...Map.groupBy(relevant, ({ name }) => name).values()];
  let differing = 0;
  for (let start = 0; start < groups.length; start += COMPARED_AT_ONCE) {
    const together = groups.slice(start, start + COMPARED_AT_ONCE);
    const items = await getAtOnce(
      tenant,
      together.flat().map(({ key }) => key),
    );
    for (const group of together) differing += differencesAt(items, group, generations);
  }
  return differing;
};

const WRITTEN_AT_ONCE = 25;

/** Removes what holds no more. What is not removed now is found the next time. */
export const removeCounters = async (tenant: TenantId, keys: readonly Key[]): Promise<void> => {
  for (let start = 0; start < keys.length; start += WRITTEN_AT_ONCE) {
    const slice = keys.slice(start, start + WRITTEN_AT_ONCE);
    await batchWrite(
      tenant,
      slice.map((Key) => ({ DeleteRequest: { Key } })),
    );
  }
};
