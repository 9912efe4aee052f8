import { buildClient, newAct } from '../../test/support/builders.ts';
import { eventually } from '../../test/support/client.ts';
import { expectExact } from '../../test/support/projections.ts';
import { SegmentFilterSchema } from '../contract/segment-filter.ts';
import type { Act } from '../domain/act.ts';
import { newChat } from '../domain/chat.ts';
import type { ClientRecord } from '../domain/client.ts';
import { newJob, type JobRecord } from '../domain/job.ts';
import { segmentEvent } from '../domain/occurrence.ts';
import { newSegment, replaceSegment, segmentView, unbuilt, type SegmentRecord } from '../domain/segment.ts';
import { insertionSteps } from '../table/clients.ts';
import { listMembers, removeMembers } from '../table/segment-members.ts';
import { changeSegment, getSegmentWithState, insertSegment, removeSegment } from '../table/segments.ts';
import { commit } from '../table/transaction.ts';
import { segmentBuild } from './build-segment.ts';
import { previewSegment } from './preview-segment.ts';
import { projectClients } from './project.ts';

/** Clients of whom no event tells: only a walk over all finds them. */
const addQuietly = async (act: Act, count: number, createdAt?: string): Promise<ClientRecord[]> => {
  const clients = Array.from({ length: count }, () => ({
    ...buildClient(act, { tags: ['vip'] }),
    ...(createdAt !== undefined && { createdAt }),
  }));
  for (let start = 0; start < count; start += 40) {
    const steps = clients
      .slice(start, start + 40)
      .flatMap((client) => insertionSteps(act.tenant, client, newChat(act, client)));
    await commit(act.tenant, steps);
  }
  return clients;
};

const vips = SegmentFilterSchema.parse({ all: [{ field: 'tags', operator: 'any', tags: ['vip'] }] });

const addSegment = async (act: Act, filter = vips): Promise<SegmentRecord> => {
  const segment = newSegment(act, { name: 'Loyal', filter });
  await insertSegment(act, segment, segmentEvent(act, 'SegmentCreated', segmentView(segment, unbuilt(segment))), []);
  return segment;
};

/** A worker of its own, beside the system's. */
const jobOf = (act: Act, { id, generation }: SegmentRecord): JobRecord =>
  newJob(act, { kind: 'segment-build', subjectId: id, position: { generation, after: null } }, 60);

const isReady = (act: Act, { id }: SegmentRecord) =>
  eventually(async () => {
    const { state } = await getSegmentWithState(act.tenant, id);
    expect(state.status).toBe('ready');
    return state;
  }, 20_000);

describe('building a segment', () => {
  it('goes from page to page; a page that is done twice, or by two at once, counts once', async () => {
    const act = newAct();
    const clients = await addQuietly(act, 120);
    const segment = await addSegment(act);
    const job = jobOf(act, segment);
    const [step, again] = await Promise.all([segmentBuild.step(act, job), segmentBuild.step(act, job)]);
    expect(step).toMatchObject({ next: 'go-on', progress: { done: 100, total: null } });
    expect(again.position).toEqual(step.position);
    const last = await segmentBuild.step(act, {
      ...job,
      position: step.position,
      progress: { done: 100, total: null },
    });
    expect(last).toMatchObject({ next: 'done', progress: { done: 120, total: 120 } });
    expect(await isReady(act, segment)).toMatchObject({ memberCount: 120, progress: { done: 120, total: 120 } });
    await expectExact(act.tenant);
    const { items, nextCursor } = await listMembers(act.tenant, segment, { limit: 100 });
    const newestFirst = clients
      .map(({ id }) => id)
      .toSorted()
      .reverse();
    expect(items.map(({ id }) => id)).toEqual(newestFirst.slice(0, 100));
    expect(nextCursor).not.toBeNull();
  });

  it('waits for those who are late in the index, also among the oldest', async () => {
    const act = newAct();
    await addQuietly(act, 110);
    const segment = await addSegment(act);
    await isReady(act, segment);
    const job = { ...jobOf(act, segment), createdAt: act.now().toISOString() };
    const [step, [restored]] = await Promise.all([
      segmentBuild.step(act, job),
      addQuietly(act, 1, '2020-01-01T00:00:00.000Z'),
    ]);
    expect(step).toMatchObject({ next: 'go-on', progress: { done: 100 } });
    const { items } = await listMembers(act.tenant, segment, { limit: 100 });
    expect(items.map(({ id }) => id)).toContain(restored?.id);
  });

  it('stops when the segment has another filter, or is gone', async () => {
    const act = newAct();
    await addQuietly(act, 3);
    const segment = await addSegment(act);
    const obsolete = { ...jobOf(act, segment), position: { generation: 2, after: null } };
    expect(await segmentBuild.step(act, obsolete)).toEqual({ next: 'done', position: obsolete.position });
    const { state } = await getSegmentWithState(act.tenant, segment.id);
    await removeSegment(act, segment, segmentEvent(act, 'SegmentDeleted', segmentView(segment, state)));
    expect(await segmentBuild.step(act, jobOf(act, segment))).toMatchObject({ next: 'done' });
    await eventually(async () => {
      expect(await removeMembers(act.tenant, segment.id, 100)).toBe(0);
    });
  });

  it('that is given up says so, and begins again when the segment is replaced', async () => {
    const act = newAct();
    await addQuietly(act, 3);
    const segment = await addSegment(act);
    await isReady(act, segment);
    const job = jobOf(act, segment);
    await commit(act.tenant, (await segmentBuild.giveUp?.(act, job)) ?? []);
    const { state } = await getSegmentWithState(act.tenant, segment.id);
    expect(state.status).toBe('failed');
    const after = replaceSegment(act, segment, state, segment);
    expect(after.generation).toBe(2);
    const event = segmentEvent(act, 'SegmentUpdated', segmentView(after, state), segmentView(segment, state));
    await changeSegment(act, segment, after, event);
    expect(await isReady(act, segment)).toMatchObject({ memberCount: 3 });
  });

  it('can be given up when the segment has another filter, or is gone', async () => {
    const act = newAct();
    const segment = await addSegment(act);
    const job = jobOf(act, segment);
    const { state } = await getSegmentWithState(act.tenant, segment.id);
    const after = replaceSegment(act, segment, state, { ...segment, filter: SegmentFilterSchema.parse({}) });
    await changeSegment(act, segment, after, segmentEvent(act, 'SegmentUpdated', segmentView(after, state)));
    expect(await segmentBuild.giveUp?.(act, job)).toEqual([]);
    await removeSegment(act, after, segmentEvent(act, 'SegmentDeleted', segmentView(after, state)));
    expect(await segmentBuild.giveUp?.(act, jobOf(act, after))).toEqual([]);
  });
});

describe('a preview of very many', () => {
  it('goes on counting where it stopped', async () => {
    const act = newAct();
    await addQuietly(act, 130);
    let now = Date.now();
    // Each look at the clock finds it two seconds later.
    const slow: Act = { ...act, now: () => new Date((now += 2_000)) };
    const first = await previewSegment(slow, vips, undefined);
    expect(first).toMatchObject({ count: 100, complete: false });
    expect(first.sample).toHaveLength(10);
    const last = await previewSegment(slow, vips, first.cursor ?? '');
    expect(last).toMatchObject({ count: 130, complete: true, cursor: null });
    const everybody = SegmentFilterSchema.parse({});
    await expect(previewSegment(act, everybody, first.cursor ?? '')).rejects.toThrow('cursor');
    expect(await previewSegment(act, everybody, undefined)).toMatchObject({ count: 130, complete: true });
  });
});

const DAY_MS = 24 * 3600 * 1000;

describe('a date that passes', () => {
  it('changes who belongs without any event', async () => {
    const act = newAct();
    const old = newAct({ tenant: act.tenant, now: () => new Date(Date.now() - DAY_MS + 5_000) });
    const [client] = await addQuietly(old, 1);
    const aDayOld = (operator: string) =>
      SegmentFilterSchema.parse({ all: [{ field: 'createdAt', operator, days: 1 }] });
    const segment = await addSegment(act, aDayOld('older-than-days'));
    await isReady(act, segment);
    await eventually(async () => {
      const { items } = await listMembers(act.tenant, segment, { limit: 10 });
      expect(items.map(({ id }) => id)).toEqual([client?.id]);
    }, 25_000);
    await expectExact(act.tenant);
  });

  it('is looked at when it has passed, whoever was there first', async () => {
    const act = newAct();
    const [client] = await addQuietly(act, 1);
    const filter = SegmentFilterSchema.parse({ all: [{ field: 'createdAt', operator: 'within-days', days: 3 }] });
    const segment = await addSegment(act, filter);
    await isReady(act, segment);
    const later: Act = { ...act, now: () => new Date(Date.now() + 3 * DAY_MS) };
    const ids = client === undefined ? [] : [client.id];
    expect((await listMembers(act.tenant, segment, { limit: 10 })).items).toHaveLength(1);
    await Promise.all([projectClients(later, ids), projectClients(later, ids)]);
    expect((await listMembers(act.tenant, segment, { limit: 10 })).items).toEqual([]);
    expect((await getSegmentWithState(act.tenant, segment.id)).state.memberCount).toBe(0);
  });
});
