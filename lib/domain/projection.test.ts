import fc from 'fast-check';
import { buildClient, newAct } from '../../test/support/builders.ts';
import { SegmentFilterSchema } from '../contract/segment-filter.ts';
import { foldCase } from './case-fold.ts';
import { newChat } from './chat.ts';
import type { ClientRecord } from './client.ts';
import { derive, stretchesOf, type ProjectionRecord, type Sources, type Stretch } from './projection.ts';
import { newSegment, type SegmentRecord } from './segment.ts';

const act = newAct();
const client = buildClient(act);
const segment = (all: readonly unknown[] = []): SegmentRecord =>
  newSegment(act, { name: 'A segment', filter: SegmentFilterSchema.parse({ all }) });

const sourcesOf = (changes: Partial<ClientRecord> = {}, segments: readonly SegmentRecord[] = []): Sources => {
  const changed = { ...client, ...changes };
  return { client: changed, chat: newChat(act, changed), segments, now: new Date() };
};

const stretches = (before: ProjectionRecord | undefined, sources: Sources): Stretch[] =>
  stretchesOf(client.id, before, sources, act.newId);

/** The record after all stretches. */
const projected = (before: ProjectionRecord | undefined, sources: Sources): ProjectionRecord | undefined =>
  stretches(before, sources).reduce<ProjectionRecord | undefined>((_, { after }) => after, before);

const written = (sources: Sources): ProjectionRecord => {
  const record = projected(undefined, sources);
  if (record === undefined) throw new Error('Nothing was written.');
  return record;
};

describe('what is written of a client', () => {
  it('is a row for each tag and each segment that finds it', () => {
    const vip = segment([{ field: 'tags', operator: 'any', tags: ['vip'] }]);
    const other = segment([{ field: 'tags', operator: 'none', tags: ['vip'] }]);
    const [only] = stretches(undefined, sourcesOf({ tags: ['VIP', 'new'] }, [vip, other]));
    expect(only?.after).toMatchObject({ tags: ['vip', 'new'], segments: [{ id: vip.id, generation: 1 }] });
    expect(only?.changes).toMatchObject([
      { kind: 'tag', tag: 'vip', adds: 1 },
      { kind: 'tag', tag: 'new', adds: 1 },
      { kind: 'segment', adds: 1 },
    ]);
  });

  it('is nothing for a client without tags in a tenant without segments', () => {
    expect(stretches(undefined, sourcesOf())).toEqual([]);
  });

  it('is nothing of a client that is not active, and all goes when it stops to be', () => {
    const everybody = segment();
    for (const state of ['deleted', 'absorbed', 'erased'] as const) {
      const gone = sourcesOf({ state, tags: ['vip'] }, [everybody]);
      expect(stretches(undefined, gone)).toEqual([]);
      expect(stretches(written(sourcesOf({ tags: ['vip'] }, [everybody])), gone)).toMatchObject([
        {
          after: undefined,
          changes: [
            { kind: 'tag', adds: -1 },
            { kind: 'segment', adds: -1 },
          ],
        },
      ]);
    }
  });

  it('stays while what it was derived from does', () => {
    const sources = sourcesOf({ tags: ['vip'] }, [segment()]);
    expect(stretches(written(sources), sources)).toEqual([]);
  });

  it('is written again, the same, when the client was changed: a writer who read less would fail', () => {
    const sources = sourcesOf({ tags: ['vip'] });
    const record = written(sources);
    const [only, ...more] = stretches(record, sourcesOf({ tags: ['vip'], comments: 'Tall', revision: 2 }));
    expect(more).toEqual([]);
    expect(only?.changes).toEqual([]);
    expect(only?.after?.stamp).not.toBe(record.stamp);
  });

  it('follows the chat only where a segment looks at it', () => {
    const chat = { ...newChat(act, client), version: 2 };
    const blind = sourcesOf({ tags: ['vip'] }, [segment()]);
    expect(stretches(written(blind), { ...blind, chat })).toEqual([]);
    const seeing = sourcesOf({}, [segment([{ field: 'status', operator: 'in', statuses: ['open'] }])]);
    expect(stretches(written(seeing), { ...seeing, chat })).toHaveLength(1);
  });

  it('shows the client by its present name, and since when it has belonged', () => {
    const everybody = segment();
    const record = written(sourcesOf({}, [everybody]));
    const [renamed] = stretches(record, sourcesOf({ firstName: 'Zuhra', revision: 2 }, [everybody]));
    expect(renamed?.changes).toMatchObject([{ kind: 'segment', adds: 0 }]);
    expect(renamed?.after?.segments).toEqual(record.segments);
  });

  it('is found anew after another filter; what the former one found is a leftover', () => {
    const everybody = segment();
    const record = written(sourcesOf({}, [everybody]));
    const [next] = stretches(record, sourcesOf({}, [{ ...everybody, generation: 2 }]));
    expect(next?.changes).toMatchObject([
      { kind: 'leftover', membership: { generation: 1 } },
      { kind: 'segment', membership: { generation: 2 }, adds: 1 },
    ]);
    expect(stretches(record, sourcesOf())[0]?.changes).toMatchObject([{ kind: 'leftover' }]);
  });

  it('is due when time can next change it', () => {
    const days = (count: number) => segment([{ field: 'createdAt', operator: 'older-than-days', days: count }]);
    const { dueAt } = written(sourcesOf({}, [days(3), segment(), days(2)]));
    expect(dueAt).toBe(new Date(Date.parse(client.createdAt) + 2 * 24 * 3600 * 1000).toISOString());
    expect(written(sourcesOf({}, [segment()])).dueAt).toBeNull();
  });
});

/** Rows and counts as a table would hold them, where each stretch is written whole or not at all. */
class World {
  record: ProjectionRecord | undefined;
  readonly tags = new Set<string>();
  readonly members = new Set<string>();
  readonly counts = new Map<string, number>();

  write({ before, after, changes }: Stretch): void {
    expect(changes.length).toBeLessThanOrEqual(45);
    expect(before).toEqual(this.record);
    for (const change of changes) {
      const row = change.kind === 'tag' ? change.tag : `${change.membership.id}@${change.membership.generation}`;
      const rows = change.kind === 'tag' ? this.tags : this.members;
      const adds = change.kind === 'leftover' ? -1 : change.adds;
      if (adds < 0) expect(rows.delete(row)).toBe(true);
      if (adds > 0) expect(rows.has(row)).toBe(false);
      if (adds > 0) rows.add(row);
      if (change.kind !== 'leftover') this.counts.set(row, (this.counts.get(row) ?? 0) + adds);
    }
    this.record = after;
  }
}

const names = Array.from({ length: 60 }, (_, index) => `tag ${index}`);
const moment = fc.record({
  tags: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 50 }),
  state: fc.constantFrom('active', 'active', 'deleted'),
  segments: fc.uniqueArray(
    fc.record({ index: fc.integer({ min: 0, max: 99 }), generation: fc.integer({ min: 1, max: 2 }) }),
    { selector: ({ index }) => index, maxLength: 100 },
  ),
  /** After how many stretches the writer dies. */
  survives: fc.integer({ min: 0, max: 6 }),
});

const pool = names.concat(names).map((tag) => segment([{ field: 'tags', operator: 'any', tags: [tag, 'tag 1'] }]));

interface Choice {
  readonly index: number;
  readonly generation: number;
}

/** The segments of each moment: one that was deleted, or had another filter, never comes back as it was. */
const lives = (moments: readonly { readonly segments: readonly Choice[] }[]) => {
  let former = new Map<number, Choice & { readonly since: number }>();
  return moments.map(({ segments }, at) => {
    former = new Map(
      segments.map((choice) => {
        const before = former.get(choice.index);
        const goesOn = before?.generation === choice.generation;
        return [choice.index, { ...choice, since: goesOn ? before.since : at }];
      }),
    );
    return [...former.values()].flatMap(({ index, since }) => {
      const found = pool[index];
      return found === undefined ? [] : [{ ...found, generation: since + 1 }];
    });
  });
};

describe('any history', () => {
  it('ends with the rows that the client should have, whatever broke off on the way', () => {
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 6 }), (moments) => {
        const world = new World();
        const segments = lives(moments);
        const sources = moments.map(({ tags, state }, index) =>
          sourcesOf(
            {
              tags: tags.map((tag) => tag.toUpperCase()),
              state: state === 'active' ? 'active' : 'deleted',
              revision: index + 1,
            },
            segments[index],
          ),
        );
        for (const [index, source] of sources.entries()) {
          const survives = moments[index]?.survives ?? 0;
          stretches(world.record, source)
            .slice(0, survives)
            .forEach((stretch) => world.write(stretch));
        }
        const last = sources.at(-1);
        if (last === undefined) throw new Error('unreachable');
        stretches(world.record, last).forEach((stretch) => world.write(stretch));
        const goal = derive(last);
        expect([...world.tags].sort()).toEqual([...(goal?.tags ?? [])].sort());
        expect(goal?.tags ?? []).toEqual(last.client?.state === 'active' ? last.client.tags.map(foldCase) : []);
        const members = goal?.segments.map(({ id, generation }) => `${id}@${generation}`) ?? [];
        expect([...world.members].sort()).toEqual(members.sort());
        for (const row of [...world.tags, ...world.members]) expect(world.counts.get(row)).toBe(1);
        for (const tag of names) expect(world.counts.get(tag) ?? 0).toBe(world.tags.has(tag) ? 1 : 0);
      }),
      { numRuns: 100 },
    );
  });
});
