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
  readonly positionOf: (item: Item) => string;
}

/**
 * One page of all that stands in a client's own collection and in those it absorbed, newest first. The client's own is
 * read at once, side by side with what says whether there are others: one query for each list of each collection.
 */
export const pageOfThread = async <Item>(
  tenant: TenantId,
  list: string,
  { id, absorbed, sourcesIn, positionOf }: Thread<Item>,
  page: Page,
): Promise<Paged<Item>> => {
  const own = sourcesIn(id).map(remembered);
  const [first, others] = await Promise.all([pageOfMany(tenant, list, own, positionOf, page), absorbed]);
  if (others.length === 0) return first;
  return pageOfMany(tenant, list, [...own, ...others.flatMap(sourcesIn)], positionOf, page);
};
