/**
 * Does the same with every item, with so many at once. When one fails no other is begun, and its failure is thrown once
 * all that were begun have ended.
 *
 * @returns the results in the order of the items
 */
export const sideBySide = async <Item, Result>(
  most: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const queue = items.entries();
  const results = new Map<number, Result>();
  const stop = new AbortController();
  const worker = async (): Promise<void> => {
    for (const [at, item] of queue) {
      if (stop.signal.aborted) return;
      try {
        results.set(at, await work(item));
      } catch (error) {
        stop.abort();
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: most }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return [...results].toSorted(([one], [other]) => one - other).map(([, result]) => result);
};

/** The items in lots of so many. */
export const inLots = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, lot) => items.slice(lot * size, (lot + 1) * size));
