import { ClientIdSchema, type ClientId, type TenantId } from '../contract/vocabulary.ts';
import type { Retention } from '../contract/settings.ts';
import type { Fact } from '../domain/stats-fact.ts';
import type { Source } from '../domain/stats-derive.ts';
import { changesOf, CHAT, CLIENT, homeOfKey, INTERACTION, MESSAGE, type Key } from '../table/keys.ts';
import { isCounter, isFact } from '../table/stats-keys.ts';
import { scanTable } from '../table/scan.ts';
import { knownSettings } from '../table/settings.ts';
import { compareGenerations, placeOf, removeCounters, type Place } from '../table/stats-compare.ts';
import { findFacts, getStatsHead, homeHash, setGenerations, writeFacts, type KeyedChange } from '../table/stats.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import { foldSources } from './fold-stats.ts';

export interface RecountProgress {
  readonly tenant: TenantId;
  readonly pass: 'counting' | 'carrying' | 'done';
  /** Things that were counted anew. */
  readonly done: number;
  /** Things that were not counted as they are. Where the system is at work it may just not have come to them. */
  readonly late: number;
  /** Numbers that were not the sum of what is counted, and are mended. */
  readonly mended: number;
}

/** So many at once: the system goes on meanwhile. */
const WORKERS = 4;
const AT_ONCE = 40;

const inSlices = async <Item>(items: readonly Item[], work: (slice: Item[]) => Promise<unknown>): Promise<void> => {
  const starts = Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_, at) => at * AT_ONCE).values();
  const worker = async (): Promise<void> => {
    for (const start of starts) await work(items.slice(start, start + AT_ONCE));
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
};

const DAY = 24 * 3600 * 1000;
/** What waited so long before something that it is not removed yet. */
const MARGIN_DAYS = 7;

/** Of a message before which something may have been removed, what it answered stays as it was counted. */
const isJudged = (id: string, { messages, history }: Retention, now: number): boolean => {
  const kept = Math.min(messages ?? Infinity, history ?? Infinity) - MARGIN_DAYS;
  return now - Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) < kept * DAY;
};

/** Where a client's history tells how its chat stood. */
const TURNS = changesOf('status');

const sourceAt = ({ pk, sk }: Key, retention: Retention, now: number): Source[] => {
  const home = ClientIdSchema.safeParse(homeOfKey(pk)).data;
  if (home === undefined) return [];
  if (sk === CLIENT) return [{ kind: 'client', home, id: home }];
  if (sk === CHAT) return [{ kind: 'chat', home, id: home }];
  if (sk.startsWith(TURNS)) return [{ kind: 'turn', home, id: sk.slice(TURNS.length), event: undefined }];
  if (sk.startsWith(INTERACTION)) return [{ kind: 'interaction', home, id: sk.slice(INTERACTION.length) }];
  if (!sk.startsWith(MESSAGE)) return [];
  const id = sk.slice(MESSAGE.length);
  return [{ kind: 'message', home, id, isJudgedAgain: isJudged(id, retention, now) }];
};

/** What is left of something that is not there any more. */
const remainder = (fact: Fact): Fact | undefined => {
  if (fact.kind === 'chat') return undefined;
  return fact.kind === 'client' ? { ...fact, isActive: false } : fact;
};

interface Recount {
  readonly tenant: TenantId;
  readonly newId: () => string;
  readonly building: number;
  /** In which collections what stands there is counted as well, by their hashes. */
  readonly homes: ReadonlyMap<string, ClientId>;
}

/** Counts what is known and not counted anew yet. @param leave what is to be known of it from now on @returns how many there were */
const carry = async (
  { tenant, newId, building, homes }: Recount,
  facts: readonly Key[],
  leave: (fact: Fact) => Fact | undefined,
) => {
  let carried = 0;
  await inSlices(facts, (slice) =>
    untilUndisturbed(async () => {
      const { head, factAt } = await findFacts(tenant, slice);
      const changes = slice.flatMap((key): KeyedChange[] => {
        const before = factAt(key);
        if (before === undefined || before.generations.includes(building)) return [];
        const home = before.home === null ? undefined : homes.get(before.home);
        return [{ key, before, after: leave(before.fact), home }];
      });
      await writeFacts(tenant, head, changes, newId);
      carried += changes.length;
    }),
  );
  return carried;
};

const factsAmong = (items: readonly Key[]): Key[] => items.filter(isFact).map(({ pk, sk }) => ({ pk, sk }));

/**
 * Counts all of a tenant anew while the system goes on: into counters of their own, which whoever counts meanwhile fills as
 * well. When nothing is left to be counted they take the place of the old ones. It can be stopped, and run again, at any
 * time; of two at once the later goes on. The table is read three times.
 *
 * @throws Raced when another one was started meanwhile
 */
export const recount = async function* (tenant: TenantId, newId: () => string): AsyncGenerator<RecountProgress> {
  const head = await getStatsHead(tenant);
  const building = Math.max(head.generation, head.building ?? 0) + 1;
  await setGenerations(tenant, head, { generation: head.generation, building });
  const { retention } = await knownSettings(tenant);
  const homes = new Map<string, ClientId>();
  const work: Recount = { tenant, newId, building, homes };
  let done = 0;
  let late = 0;
  for await (const items of scanTable(tenant)) {
    const sources = items.flatMap((item) => sourceAt(item, retention, Date.now()));
    for (const { kind, home } of sources) if (kind === 'client') homes.set(homeHash(tenant, home), home);
    await inSlices(sources, async (slice) => {
      const news = await foldSources({ tenant, newId }, slice);
      late += news;
    });
    done += sources.length;
    yield { tenant, pass: 'counting', done, late, mended: 0 };
  }
  const ofClients: Place[] = [];
  for await (const items of scanTable(tenant)) {
    ofClients.push(...items.flatMap((item) => (isCounter(item) ? [] : (placeOf(item) ?? []))));
    // What was not met while all was counted is gone, and stays counted.
    done += await carry(work, factsAmong(items), remainder);
    yield { tenant, pass: 'carrying', done, late, mended: 0 };
  }
  const mended = await compareGenerations(tenant, [head.generation, building], ofClients);
  await setGenerations(tenant, { generation: head.generation, building }, { generation: building, building: null });
  for await (const items of scanTable(tenant)) {
    // Whoever read which counters hold before all this began may have written a fact since.
    await carry(work, factsAmong(items), (fact) => fact);
    const old = items.flatMap((item) => placeOf(item) ?? []).filter(({ generation }) => generation < building);
    await removeCounters(
      tenant,
      old.map(({ key }) => key),
    );
  }
  yield { tenant, pass: 'done', done, late, mended };
};
