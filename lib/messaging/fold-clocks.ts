import type { TenantId } from '../contract/vocabulary.ts';
import type { Clock } from '../domain/business-time.ts';
import type { FactRecord, StatsHead } from '../domain/stats-change.ts';
import type { NamedClock } from '../domain/stats-derive.ts';
import type { Key } from '../table/keys.ts';
import { knownSettings } from '../table/settings.ts';
import { clockName, findClocks, keepClock } from '../table/stats-clocks.ts';
import { findFacts } from '../table/stats.ts';

export interface Folding {
  readonly tenant: TenantId;
  readonly newId: () => string;
}

/** What is counted together, from the first read to the last write. */
export interface Fold extends Folding {
  /** Those that are known to be kept, by their names: they never change. */
  readonly clocks: Map<string, Clock>;
}

/** By which clock is counted now? */
const currentClock = async (tenant: TenantId): Promise<NamedClock> => {
  const { timeZone, businessHours } = await knownSettings(tenant);
  const clock: Clock = { timeZone, businessHours };
  return { ...clock, name: clockName(clock) };
};

interface Known {
  readonly head: StatsHead;
  readonly factAt: (key: Key) => FactRecord | undefined;
  readonly clock: NamedClock;
}

/** What is known of these, by which clock new ones are counted, and by which the others were. */
export const findKnown = async ({ tenant, clocks }: Fold, keys: readonly Key[]): Promise<Known> => {
  const clock = await currentClock(tenant);
  const { head, factAt, ...found } = await findFacts(tenant, keys, clock.name);
  if (!clocks.has(clock.name) && found.clock === undefined) await keepClock(tenant, clock);
  clocks.set(clock.name, clock);
  const used = new Set(keys.flatMap((key) => factAt(key)?.fact.clock ?? []));
  const others = await findClocks(
    tenant,
    [...used].filter((name) => !clocks.has(name)),
  );
  for (const [name, other] of others) clocks.set(name, other);
  return { head, factAt, clock };
};

/** By which clock is this counted: that of the first time, or the one of today's settings. */
export const clockFor = (clocks: Fold['clocks'], before: FactRecord | undefined, current: NamedClock): NamedClock => {
  const name = before?.fact.clock ?? current.name;
  const known = clocks.get(name);
  return known === undefined ? current : { ...known, name };
};
