import type { TenantId } from '../contract/vocabulary.ts';
import { batchWrite } from './client.ts';
import { type Key } from './keys.ts';
import { ACTIVITY } from './stats-keys.ts';
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

/** How many numbers under one name are not the same in two generations. One read of a few items at one moment. */
const differencesAt = async (tenant: TenantId, places: readonly Place[], generations: readonly [number, number]) => {
  const items = await getAtOnce(
    tenant,
    places.map(({ key }) => key),
  );
  const of = (generation: number) =>
    numbersIn(
      items.filter(({ pk, sk }) =>
        places.some(({ key, ...place }) => place.generation === generation && key.pk === pk && key.sk === sk),
      ),
    );
  const [before, after] = [of(generations[0]), of(generations[1])];
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (field) => (before.get(field) ?? 0) !== (after.get(field) ?? 0),
  ).length;
};

/** How many numbers are not the same in two generations, and how many there are? One read for each name. */
export const compareGenerations = async (
  tenant: TenantId,
  places: readonly Place[],
  generations: readonly [number, number],
): Promise<number> => {
  let differing = 0;
  const relevant = places.filter(({ generation }) => generations.includes(generation));
  for (const [, group] of Map.groupBy(relevant, ({ name }) => name))
    differing += await differencesAt(tenant, group, generations);
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
