import fc from 'fast-check';
import * as z from 'zod';
import { newAct } from '../../test/support/builders.ts';
import { ClientIdSchema } from '../contract/vocabulary.ts';
import { clientCollection } from './keys.ts';
import { newestFirst, pageOfMany, type Source } from './merged.ts';
import { commit, put } from './transaction.ts';

const act = newAct();

/** A list in memory, read in stretches as short as it likes. */
const listed =
  (positions: readonly string[], stretch: number): Source<string> =>
  (before, limit) => {
    const left = positions
      .filter((position) => before === undefined || position < before)
      .toSorted()
      .toReversed();
    const items = left.slice(0, Math.min(limit, stretch));
    return Promise.resolve({ items, reachedTo: items.length < left.length ? items.at(-1) : undefined });
  };

const readAll = async (sources: readonly Source<string>[], limit: number): Promise<string[]> => {
  const all: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await pageOfMany(act.tenant, 'a list', sources, (item) => item, { limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    all.push(...page.items);
    cursor = page.nextCursor;
  }
  return all;
};

describe('pages of many lists', () => {
  it('hold every item once, newest first, however the lists are read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1000, max: 9999 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 9 }),
        async (numbers, count, stretch, limit) => {
          const positions = numbers.map(String);
          const sources = Array.from({ length: count }, (_, index) =>
            listed(
              positions.filter((position) => Number(position) % count === index),
              stretch,
            ),
          );
          expect(await readAll(sources, limit)).toEqual(positions.toSorted().toReversed());
        },
      ),
    );
  });

  it('are read from the table, one query for each list', async () => {
    const owners = [act.newId(), act.newId()].map((id) => ClientIdSchema.parse(id));
    const ids = Array.from({ length: 23 }, () => act.newId());
    await commit(
      act.tenant,
      ids.map((id, index) =>
        put({ pk: clientCollection(act.tenant, owners[index % 2] ?? ClientIdSchema.parse(id)), sk: `THING#${id}`, id }),
      ),
    );
    const sources = owners.map((owner) =>
      newestFirst(act.tenant, clientCollection(act.tenant, owner), 'THING#', z.object({ id: z.string() })),
    );
    const ofTable = sources.map((source): Source<string> => async (before, limit) => {
      const { items, reachedTo } = await source(before, limit);
      return { items: items.map(({ id }) => id), reachedTo };
    });
    expect(await readAll(ofTable, 4)).toEqual(ids.toReversed());
  });
});
