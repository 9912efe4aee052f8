import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { SegmentSchema, SegmentStateSchema, type Segment, type SegmentInput } from '../contract/segments.ts';
import { SegmentIdSchema } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';

/** Counts the filters that a segment has had: what was found by a former one is no member any more. */
const generation = z.int();

/** A segment as it is stored. Its state is an item of its own, because others write that. */
export const SegmentRecordSchema = SegmentSchema.omit({ status: true, progress: true, memberCount: true }).extend({
  generation,
  revision: z.int(),
});
export type SegmentRecord = z.infer<typeof SegmentRecordSchema>;

/** How a segment's members stand. The job that builds it writes status and progress; whoever adds members, their count. */
export const SegmentStateRecordSchema = SegmentStateSchema.extend({ generation });
export type SegmentStateRecord = z.infer<typeof SegmentStateRecordSchema>;

/** No client was looked at yet. */
export const unbuilt = ({ generation }: Pick<SegmentRecord, 'generation'>): SegmentStateRecord => ({
  generation,
  status: 'building',
  progress: { done: 0, total: null },
  memberCount: 0,
});

export const newSegment = (act: Act, { name, filter }: SegmentInput): SegmentRecord => ({
  id: SegmentIdSchema.parse(act.newId()),
  name,
  filter,
  createdAt: instant(act.now()),
  updatedAt: instant(act.now()),
  version: 1,
  generation: 1,
  revision: 1,
});

/** @returns the next generation where the members have to be found anew */
export const replaceSegment = (
  act: Act,
  before: SegmentRecord,
  state: SegmentStateRecord,
  { name, filter }: SegmentInput,
): SegmentRecord => {
  const isSame = isDeepStrictEqual(filter, before.filter) && state.status !== 'failed';
  return {
    ...before,
    name,
    filter,
    updatedAt: instant(act.now()),
    version: before.version + 1,
    generation: isSame ? before.generation : before.generation + 1,
    revision: before.revision + 1,
  };
};

/** The segment as the API shows it. A state that was read a moment earlier or later than its segment tells nothing. */
export const segmentView = (segment: SegmentRecord, state: SegmentStateRecord | undefined): Segment => ({
  ...segment,
  ...(state?.generation === segment.generation ? state : unbuilt(segment)),
});
