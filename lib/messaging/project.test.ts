import fc from 'fast-check';
import { addClient, newAct } from '../../test/support/builders.ts';
import { eventually } from '../../test/support/client.ts';
import { expectExact } from '../../test/support/projections.ts';
import { SegmentFilterSchema } from '../contract/segment-filter.ts';
import type { ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { tagClient, untagClient } from '../domain/client-tags.ts';
import { withState, type ClientRecord } from '../domain/client.ts';
import { clientEvent, segmentEvent } from '../domain/occurrence.ts';
import { stretchesOf } from '../domain/projection.ts';
import { newSegment, segmentView, unbuilt, type SegmentRecord } from '../domain/segment.ts';
import { findChat } from '../table/chats.ts';
import { changeTags, listTags } from '../table/client-tags.ts';
import { findClient, getClient, hideClient, showClient } from '../table/clients.ts';
import { findProjections, findSubjects, writeStretches } from '../table/projections.ts';
import { findSegmentWithState, insertSegment, listAllSegments, removeSegment } from '../table/segments.ts';
import { Raced, untilUndisturbed } from '../table/transaction.ts';
import { projectClients } from './project.ts';

const addSegment = async (act: Act, all: readonly unknown[] = []): Promise<SegmentRecord> => {
  const segment = newSegment(act, { name: act.newId(), filter: SegmentFilterSchema.parse({ all }) });
  const view = segmentView(segment, unbuilt(segment));
  await insertSegment(act, segment, segmentEvent(act, 'SegmentCreated', view), []);
  return segment;
};

const dropSegment = async (act: Act, { id }: SegmentRecord): Promise<void> => {
  const found = await findSegmentWithState(act.tenant, id);
  if (found === undefined) return;
  const { segment, state } = found;
  await removeSegment(act, segment, segmentEvent(act, 'SegmentDeleted', segmentView(segment, state)));
};

const hide = (act: Act, id: ClientId): Promise<void> =>
  untilUndisturbed(async () => {
    const before = await findClient(act.tenant, id);
    if (before?.state !== 'active') return;
    const after = withState(act, before, 'deleted');
    await hideClient(act.tenant, before, after, clientEvent(act, 'ClientDeleted', after));
  });

const show = (act: Act, id: ClientId): Promise<void> =>
  untilUndisturbed(async () => {
    const [before, chat] = await Promise.all([findClient(act.tenant, id), findChat(act.tenant, id)]);
    if (before?.state !== 'deleted' || chat === undefined) return;
    const after = withState(act, before, 'active');
    await showClient(act.tenant, before, after, chat, clientEvent(act, 'ClientRestored', after), []);
  });

const tag = (act: Act, id: ClientId, ...tags: string[]): Promise<ClientRecord> =>
  changeTags(act, id, 'ClientTagged', (client) => tagClient(act, client, tags));
const untag = (act: Act, id: ClientId, ...tags: string[]): Promise<ClientRecord> =>
  changeTags(act, id, 'ClientUntagged', (client) => untagClient(act, client, tags));

const many = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** What a writer is about to write, having read everything now. */
const planned = async (act: Act, id: ClientId) => {
  const recordOf = await findProjections(act.tenant, [id]);
  const [subjectOf, segments] = await Promise.all([findSubjects(act.tenant, [id]), listAllSegments(act.tenant)]);
  return stretchesOf(id, recordOf(id), { ...subjectOf(id), segments, now: act.now() }, act.newId);
};

const tagsOf = async (act: Act) => (await listTags(act.tenant, { limit: 100 })).items;

/** Nobody but the test writes of its clients: no event of theirs comes to the subscriber. */
const quiet = async (act: Act, tags: string[]): Promise<ClientRecord> => {
  const client = await addClient(act, { tags });
  await eventually(async () => {
    const recordOf = await findProjections(act.tenant, [client.id]);
    expect(recordOf(client.id)?.tags.length ?? 0).toBe(tags.length);
  });
  return client;
};

describe('projecting clients', () => {
  it('twice, or many times at once, counts once', async () => {
    const act = newAct();
    const everybody = await addSegment(act);
    const clients = await Promise.all(many('c', 12).map(() => addClient(act, { tags: ['vip', 'new'] })));
    const ids = clients.map(({ id }) => id);
    await Promise.all(Array.from({ length: 4 }, () => projectClients(act, ids)));
    await projectClients(act, ids);
    await expectExact(act.tenant);
    expect(await tagsOf(act)).toEqual([
      { tag: 'new', count: 12 },
      { tag: 'vip', count: 12 },
    ]);
    expect((await findSegmentWithState(act.tenant, everybody.id))?.state.memberCount).toBe(12);
  });

  it('takes several transactions for very many rows, and goes on after those that were written', async () => {
    const act = newAct();
    for (const index of many('', 3)) await addSegment(act, [{ field: 'tags', operator: 'any', tags: [`a${index}`] }]);
    const { id } = await quiet(act, []);
    await tag(act, id, ...many('a', 50));
    // The first may be the subscriber's: then it has to be read again.
    await untilUndisturbed(async () => writeStretches(act.tenant, (await planned(act, id)).slice(0, 1)));
    await untag(act, id, ...many('a', 20));
    await tag(act, id, ...many('b', 20));
    await projectClients(act, [id]);
    await expectExact(act.tenant);
  });

  it('lets a writer fail who has read less than what is written', async () => {
    const act = newAct();
    const { id } = await quiet(act, ['vip']);
    const before = await getClient(act.tenant, id);
    await tag(act, id, 'late');
    const late = await untilUndisturbed(async () => {
      await projectClients(act, [id]);
      return planned(act, id);
    });
    expect(late).toEqual([]);
    // As if it had read the client before the tag, and the record after the last writer.
    const recordOf = await findProjections(act.tenant, [id]);
    const chat = await findChat(act.tenant, id);
    const stale = stretchesOf(id, recordOf(id), { client: before, chat, segments: [], now: new Date() }, act.newId);
    await untag(act, id, 'vip');
    await tag(act, id, 'vip');
    await projectClients(act, [id]);
    await expect(writeStretches(act.tenant, stale)).rejects.toThrow(Raced);
    await expectExact(act.tenant);
  });

  it('writes nothing of a client that was hidden after it was read', async () => {
    const act = newAct();
    const client = await addClient(act, { tags: ['vip'] });
    const sources = { client, chat: undefined, segments: [], now: new Date() };
    const stale = stretchesOf(client.id, undefined, sources, act.newId);
    await hide(act, client.id);
    await projectClients(act, [client.id]);
    await expect(writeStretches(act.tenant, stale)).rejects.toThrow(Raced);
    await expectExact(act.tenant);
    expect(await tagsOf(act)).toEqual([]);
  });

  it('adds nobody to a segment that was removed after it was read', async () => {
    const act = newAct();
    const segment = await addSegment(act);
    const client = await addClient(act);
    await projectClients(act, [client.id]);
    const renamed = { ...client, firstName: 'Zuhra', revision: 2 };
    const recordOf = await findProjections(act.tenant, [client.id]);
    const sources = { client: renamed, chat: undefined, segments: [segment], now: new Date() };
    const stale = stretchesOf(client.id, recordOf(client.id), sources, act.newId);
    await dropSegment(act, segment);
    await expect(writeStretches(act.tenant, stale)).rejects.toThrow(Raced);
    await eventually(() => expectExact(act.tenant));
  });

  it('forgets a tag with its last client, and keeps how it was first written until then', async () => {
    const act = newAct();
    const first = await quiet(act, ['VIP']);
    const second = await quiet(act, ['vip']);
    expect(await tagsOf(act)).toEqual([{ tag: 'VIP', count: 2 }]);
    await untag(act, first.id, 'vip');
    await projectClients(act, [first.id]);
    expect(await tagsOf(act)).toEqual([{ tag: 'VIP', count: 1 }]);
    await untag(act, second.id, 'vip');
    await projectClients(act, [second.id]);
    expect(await tagsOf(act)).toEqual([]);
    await tag(act, second.id, 'Vip');
    await projectClients(act, [second.id]);
    expect(await tagsOf(act)).toEqual([{ tag: 'Vip', count: 1 }]);
  });
});

const step = fc.record({
  who: fc.integer({ min: 0, max: 4 }),
  what: fc.constantFrom('tag', 'untag', 'hide', 'show', 'project', 'segment', 'drop'),
  tags: fc.uniqueArray(fc.constantFrom('A', 'b', 'c'), { minLength: 1, maxLength: 2 }),
});

describe('any history', () => {
  it('of tags, segments and clients that come and go, with writers beside it, ends exact', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 6 }), async (rounds) => {
        const act = newAct();
        const clients = await Promise.all(many('c', 5).map(() => addClient(act)));
        const segments: SegmentRecord[] = [];
        const ids = clients.map(({ id }) => id);
        const run = async ({ who, what, tags }: { who: number; what: string; tags: string[] }): Promise<void> => {
          const id = ids[who];
          if (id === undefined) return;
          const isActive = (await findClient(act.tenant, id))?.state === 'active';
          if (what === 'tag' && isActive) await tag(act, id, ...tags).catch(() => undefined);
          if (what === 'untag' && isActive) await untag(act, id, ...tags).catch(() => undefined);
          if (what === 'hide') await hide(act, id);
          if (what === 'show') await show(act, id);
          if (what === 'project') await projectClients(act, ids.slice(0, who + 1));
          if (what === 'segment') segments.push(await addSegment(act, [{ field: 'tags', operator: 'any', tags }]));
          const last = segments[who];
          if (what === 'drop' && last !== undefined) await dropSegment(act, last).catch(() => undefined);
        };
        for (const round of rounds) await Promise.all(round.map(run));
        // What no event says, the segments' own jobs see to.
        await eventually(async () => {
          await projectClients(act, ids);
          await expectExact(act.tenant);
        }, 20_000);
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});
