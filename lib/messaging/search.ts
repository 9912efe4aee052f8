import type { TenantId } from '../contract/vocabulary.ts';
import type { Wanted } from '../domain/search-query.ts';
import { keysToLookUp } from '../domain/terms.ts';
import { openCursor, sealCursor } from '../table/cursor.ts';
import type { Stretch } from '../table/merged.ts';
import type { Page, Paged } from '../table/page.ts';
import { joined, NEWEST, readPostings, type Posting, type PostingList } from '../table/postings.ts';

/** Postings that are looked at together: each takes up to two items, and one read takes a hundred. */
const ROUND = 50;
/** After so many rounds a page ends, however short. */
const ROUNDS = 6;
/** More words make no search cheaper. */
const PROBES = 8;
const FEWEST = 10;

/** One of the ways to what is searched for: the lists of a word, read down to somewhere. */
interface Path {
  readonly lists: readonly PostingList[];
  readonly stretch: Stretch<Posting>;
}

/** A list that ends first is the shortest; of those that go on, the one whose page reaches furthest back is the sparsest. */
const rarity = ({ stretch }: Path, other: Path): number => {
  if (stretch.reachedTo === undefined && other.stretch.reachedTo === undefined) {
    return stretch.items.length - other.stretch.items.length;
  }
  return (stretch.reachedTo ?? '') < (other.stretch.reachedTo ?? '') ? -1 : 1;
};

const step = async (tenant: TenantId, lists: readonly PostingList[], before: string, size: number): Promise<Path> => ({
  lists,
  stretch: await readPostings(tenant, lists, before, size),
});

/** By the rarest word: every document with all of them is among its postings. A query for each word, side by side. */
const rarestPath = async (
  tenant: TenantId,
  words: readonly (readonly PostingList[])[],
  before: string,
  size: number,
): Promise<Path[]> => {
  const paths = await Promise.all(words.slice(0, PROBES).map((lists) => step(tenant, lists, before, size)));
  return paths.toSorted(rarity).slice(0, 1);
};

export interface Hunt<Found> {
  /** Names the search with all that it depends on. */
  readonly name: string;
  readonly wanted: readonly Wanted[];
  /** Where to look for a term, in each of the spaces that are searched side by side. */
  readonly spaces: readonly ((key: string) => readonly PostingList[])[];
  /** Newer than all that is wanted, and the oldest that is. */
  readonly before?: string | undefined;
  readonly from?: string | undefined;
  /** What these lead to, as it is now; nothing where it has not all that is wanted. */
  readonly look: (postings: readonly Posting[]) => Promise<(posting: Posting) => Found | undefined>;
  /** Where to go on after what was found there. */
  readonly after: (posting: Posting) => string;
}

interface Progress<Found> {
  readonly found: Found[];
  /** Where to go on; undefined at the end. */
  before: string | undefined;
}

/** Looks at the postings of one round, newest first, until the page is full. */
const judge = async <Found>(
  { look, after }: Hunt<Found>,
  { items, reachedTo }: Stretch<Posting>,
  progress: Progress<Found>,
  limit: number,
): Promise<void> => {
  const judged = items.length === 0 ? () => undefined : await look(items);
  for (const [index, posting] of items.entries()) {
    // Others of what was found already.
    if (progress.before !== undefined && posting.sk >= progress.before) continue;
    const found = judged(posting);
    progress.before = found === undefined ? posting.sk : after(posting);
    if (found === undefined || progress.found.push(found) < limit) continue;
    const { before } = progress;
    if (reachedTo === undefined && items.slice(index + 1).every(({ sk }) => sk >= before)) progress.before = undefined;
    return;
  }
  if (reachedTo === undefined) progress.before = undefined;
};

/** What of these paths is looked at in one round: so much as one read takes, and nothing older than what is wanted. */
const roundOf = (paths: readonly Path[], from = ''): Stretch<Posting> => {
  const { items, reachedTo } = joined(paths.map(({ stretch }) => stretch));
  const wanted = items.filter(({ sk }) => sk >= from);
  if (wanted.length > ROUND) return { items: wanted.slice(0, ROUND), reachedTo: wanted[ROUND - 1]?.sk };
  return { items: wanted, reachedTo: reachedTo !== undefined && reachedTo < from ? undefined : reachedTo };
};

/** Does it go on, or hold what no round has come to yet? */
const leadsOn =
  (before = '') =>
  ({ stretch: { items, reachedTo } }: Path): boolean =>
    reachedTo !== undefined || items.some(({ sk }) => sk < before);

/**
 * One page of what has all that is wanted, newest first. Postings are hints: what they lead to is read and compared, so
 * that one left behind or not there yet shows nothing wrong.
 *
 * A query for each word and space and one read, when one page of the rarest word's postings is enough; one of each more
 * for every further round, of which there are no more than six.
 */
export const hunt = async <Found>(
  tenant: TenantId,
  search: Hunt<Found>,
  { limit, cursor }: Page,
): Promise<Paged<Found>> => {
  const { name, wanted, spaces, from } = search;
  const size = wanted.length === 1 ? Math.min(ROUND, Math.max(FEWEST, limit)) : ROUND;
  const start = cursor === undefined ? search.before : (await openCursor(tenant, name, cursor)).before;
  const progress: Progress<Found> = { found: [], before: start ?? NEWEST };
  const words = spaces.map((listsOf) => wanted.map((terms) => keysToLookUp(terms).flatMap(listsOf)));
  let paths: Path[] = [];
  for (let round = 0; round < ROUNDS && progress.before !== undefined && progress.found.length < limit; round += 1) {
    const { before } = progress;
    const reads =
      round === 0
        ? words.map((lists) => rarestPath(tenant, lists, before, size))
        : paths.map(async ({ lists }) => [await step(tenant, lists, before, size)]);
    paths = (await Promise.all(reads)).flat();
    await judge(search, roundOf(paths, from), progress, limit);
    paths = paths.filter(leadsOn(progress.before));
  }
  const nextCursor = progress.before === undefined ? null : await sealCursor(tenant, name, { before: progress.before });
  return { items: progress.found, nextCursor };
};
