import type { Segment } from '../contract/segments.ts';
import type { SegmentId, TenantId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { foldCase } from '../domain/case-fold.ts';
import { Failure, notFound } from '../domain/failure.ts';
import {
  SegmentRecordSchema,
  segmentView,
  SegmentStateRecordSchema,
  unbuilt,
  type SegmentRecord,
  type SegmentStateRecord,
} from '../domain/segment.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { get, getTogether, queryAll } from './client.ts';
import { startJob } from './jobs.ts';
import { SEGMENT, segmentKey, segmentNameKey, segments, segmentStateKey, segmentTotalKey } from './keys.ts';
import { announce } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { absent, commit, put, Raced, remove, replace, unchanged, update, type Step } from './transaction.ts';

const MAX_SEGMENTS = 100;

const ofTenant = (tenant: TenantId) => ({
  KeyConditionExpression: 'pk = :pk AND begins_with(sk, :segments)',
  ExpressionAttributeValues: { ':pk': segments(tenant), ':segments': SEGMENT },
});

/** Which segments are there? One query; there are at most 100. */
export const listAllSegments = async (tenant: TenantId): Promise<SegmentRecord[]> => {
  const items = await queryAll(tenant, { ...ofTenant(tenant), ConsistentRead: true });
  return items.map((item) => SegmentRecordSchema.parse(item));
};

/** Which filter has this segment? One read. @throws Failure `resource.not-found` */
export const getSegment = async (tenant: TenantId, id: SegmentId): Promise<SegmentRecord> => {
  const { Item } = await get(tenant, { Key: segmentKey(tenant, id), ConsistentRead: true });
  if (Item === undefined) throw notFound();
  return SegmentRecordSchema.parse(Item);
};

interface SegmentWithState {
  readonly segment: SegmentRecord;
  readonly state: SegmentStateRecord;
}

/** Which segment is it, and how do its members stand? One read of two items; undefined when it is not there. */
export const findSegmentWithState = async (tenant: TenantId, id: SegmentId): Promise<SegmentWithState | undefined> => {
  const keys = [segmentKey(tenant, id), segmentStateKey(tenant, id)];
  const items = await getTogether(tenant, keys);
  const [segment, state] = keys.map(({ sk }) => items.find((item) => item.sk === sk));
  if (segment === undefined || state === undefined) return undefined;
  return { segment: SegmentRecordSchema.parse(segment), state: SegmentStateRecordSchema.parse(state) };
};

/** As above. @throws Failure `resource.not-found` */
export const getSegmentWithState = async (tenant: TenantId, id: SegmentId): Promise<SegmentWithState> => {
  const found = await findSegmentWithState(tenant, id);
  if (found === undefined) throw notFound();
  return found;
};

/** Which segments are there, newest first? One query, and one read of the page's states. */
export const listSegments = async (tenant: TenantId, page: Page): Promise<Paged<Segment>> => {
  const query = { ...ofTenant(tenant), ScanIndexForward: false };
  const { items, nextCursor } = await queryPage(tenant, 'segments', SegmentRecordSchema, query, page);
  if (items.length === 0) return { items: [], nextCursor };
  const found = await getTogether(
    tenant,
    items.map(({ id }) => segmentStateKey(tenant, id)),
  );
  const states = new Map(found.map((item) => [item.pk, SegmentStateRecordSchema.parse(item)]));
  return {
    items: items.map((segment) => segmentView(segment, states.get(segmentStateKey(tenant, segment.id).pk))),
    nextCursor,
  };
};

const segmentItem = (tenant: TenantId, segment: SegmentRecord) => ({ ...segmentKey(tenant, segment.id), ...segment });

const stateItem = (tenant: TenantId, segment: SegmentRecord) => ({
  ...segmentStateKey(tenant, segment.id),
  ...unbuilt(segment),
});

const takeName = (tenant: TenantId, { id, name }: SegmentRecord): Step =>
  put(
    { ...segmentNameKey(tenant, foldCase(name)), segmentId: id },
    absent,
    () => new Failure('segment.duplicate', 'There is a segment with this name already.'),
  );

const freeName = (tenant: TenantId, { name }: SegmentRecord): Step => remove(segmentNameKey(tenant, foldCase(name)));

const countIn = (tenant: TenantId): Step =>
  update(
    segmentTotalKey(tenant),
    {
      expression: 'ADD #count :one',
      condition: 'attribute_not_exists(#count) OR #count < :most',
      names: { '#count': 'count' },
      values: { ':one': 1, ':most': MAX_SEGMENTS },
    },
    () => new Failure('segment.limit', `There are at most ${MAX_SEGMENTS} segments.`),
  );

const countOut = (tenant: TenantId): Step =>
  update(segmentTotalKey(tenant), {
    expression: 'ADD #count :one',
    names: { '#count': 'count' },
    values: { ':one': -1 },
  });

const startBuilding = (act: Act, { id, generation }: SegmentRecord): readonly Step[] =>
  startJob(act, { kind: 'segment-build', subjectId: id, position: { generation, after: null } }).steps;

/** Adds a segment and starts to build it. One transaction. @throws Failure `segment.duplicate`, `segment.limit` */
export const insertSegment = (
  act: Act,
  segment: SegmentRecord,
  event: DomainEvent,
  also: readonly Step[],
): Promise<void> =>
  commit(act.tenant, [
    ...also,
    put(segmentItem(act.tenant, segment), absent),
    put(stateItem(act.tenant, segment)),
    takeName(act.tenant, segment),
    countIn(act.tenant),
    ...startBuilding(act, segment),
    announce(event),
  ]);

/** Changes a segment; with another filter it is built anew. One transaction. @throws Raced, Failure `segment.duplicate` */
export const changeSegment = (
  act: Act,
  before: SegmentRecord,
  after: SegmentRecord,
  event: DomainEvent,
): Promise<void> => {
  const isRenamed = foldCase(before.name) !== foldCase(after.name);
  const isRefiltered = before.generation !== after.generation;
  return commit(act.tenant, [
    replace(segmentItem(act.tenant, after), before),
    ...(isRenamed ? [takeName(act.tenant, after), freeName(act.tenant, before)] : []),
    ...(isRefiltered ? [put(stateItem(act.tenant, after)), ...startBuilding(act, after)] : []),
    announce(event),
  ]);
};

/** Removes a segment, and starts to remove the rows of its members. One transaction. @throws Raced */
export const removeSegment = (act: Act, before: SegmentRecord, event: DomainEvent): Promise<void> =>
  commit(act.tenant, [
    remove(segmentKey(act.tenant, before.id), unchanged(before.revision)),
    // Without it nobody can add a member any more.
    remove(segmentStateKey(act.tenant, before.id)),
    freeName(act.tenant, before),
    countOut(act.tenant),
    ...startJob(act, { kind: 'segment-removal', subjectId: before.id, position: null }).steps,
    announce(event),
  ]);

interface Standing {
  readonly generation: number;
  readonly status: SegmentStateRecord['status'];
  readonly progress: SegmentStateRecord['progress'];
}

/** Says how far a segment is built, if it still has the filter that is meant. */
export const markState = (tenant: TenantId, id: SegmentId, { generation, status, progress }: Standing): Step =>
  update(
    segmentStateKey(tenant, id),
    {
      expression: 'SET #status = :status, #progress = :progress',
      condition: '#generation = :generation',
      names: { '#status': 'status', '#progress': 'progress', '#generation': 'generation' },
      values: { ':status': status, ':progress': progress, ':generation': generation },
    },
    () => new Raced('The segment has another filter now, or is gone.'),
  );
