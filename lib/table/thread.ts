import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import { pageOfMany, type Source } from './merged.ts';
import type { Page, Paged } from './page.ts';

/** A source that is asked once, and gives the same again. */
const remembered = <Item>(source: Source<Item>): Source<Item> => {
  let stretch: ReturnType<Source<Item>> | undefined;
  return (before, limit) => (stretch ??= source(before, limit));
};

interface Thread<Item> {
  readonly id: ClientId;
  /** What else belongs to the client, as soon as that is known. */
  readonly absorbed: Promise<readonly ClientId[]>;
  /** The lists of which the collection of a client is made. */
  readonly sourcesIn: (home: ClientId) => readonly Source<Item>[];
  /** Further lists of each collection, as soon as it is known that there are any. */
  readonly moreIn?: Promise<((home: ClientId) => readonly Source<Item>[]) | undefined>;
  readonly positionOf: (item: Item) => string;
}

/**
 * One page of all that stands in a client's own collection and in those it absorbed, newest first. The client's own is
 * read at once, side by side with what says whether there are others: one query for each list of each collection.
 */
export const pageOfThread = async <Item>(
  tenant: TenantId,
  list: string,
  { id, absorbed, sourcesIn, moreIn, positionOf }: Thread<Item>,
  page: Page,
): Promise<Paged<Item>> => {
  const own = sourcesIn(id).map(remembered);
  const firstPage = pageOfMany(tenant, list, own, positionOf, page);
  const [first, others, more] = await Promise.all([firstPage, absorbed, moreIn]);
  const further = [...others.flatMap(sourcesIn), ...(more === undefined ? [] : [id, ...others].flatMap(more))];
  return further.length === 0 ? first : pageOfMany(tenant, list, [...own, ...further], positionOf, page);
};
