import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { SegmentIdSchema } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { JobRecord } from '../domain/job.ts';
import { segmentEvent } from '../domain/occurrence.ts';
import { segmentView } from '../domain/segment.ts';
import { idsByAge } from '../table/client-walk.ts';
import { announce } from '../table/outbox.ts';
import { removeMembers } from '../table/segment-members.ts';
import { findSegmentWithState, markState } from '../table/segments.ts';
import type { JobStep, JobWork } from './jobs.ts';
import { projectClients } from './project.ts';

const PAGE = 100;

/** How far the index that is walked may be behind the table. */
const LAG_MS = 1_000;

const PositionSchema = z.object({ generation: z.int(), after: z.string().nullable() });

const subjectOf = ({ subjectId }: JobRecord) => SegmentIdSchema.parse(subjectId);

/**
 * Whose event came before the segment may come into the index after it, and anywhere: one that was restored is as old as
 * before. All others the subscriber has seen to.
 */
const nextPage = async (act: Act, job: JobRecord, after: string | null) => {
  const left = Date.parse(job.createdAt) + LAG_MS - act.now().getTime();
  if (left > 0) await wait(Math.min(left, LAG_MS));
  return idsByAge(act.tenant, after, PAGE);
};

/** All were looked at. The event says how many belong by now. */
const finish = async (act: Act, job: JobRecord, generation: number, done: number): Promise<JobStep> => {
  const id = subjectOf(job);
  const progress = { done, total: done };
  const found = await findSegmentWithState(act.tenant, id);
  if (found?.segment.generation !== generation) return { next: 'done', position: job.position };
  const { segment, state } = found;
  const built = segmentView(segment, { ...state, status: 'ready', progress });
  return {
    next: 'done',
    position: job.position,
    progress,
    also: [
      markState(act.tenant, id, { generation, status: 'ready', progress }),
      announce(segmentEvent(act, 'SegmentBuilt', built, segmentView(segment, state))),
    ],
  };
};

/**
 * Looks at every client, oldest first, so that those who belong become members. Whoever is new or changes meanwhile is
 * seen to by the subscriber, which knows the segment already.
 */
export const segmentBuild: JobWork = {
  step: async (act, job) => {
    const id = subjectOf(job);
    const { generation, after } = PositionSchema.parse(job.position);
    const found = await findSegmentWithState(act.tenant, id);
    if (found?.segment.generation !== generation) return { next: 'done', position: job.position };
    const { items, next } = await nextPage(act, job, after);
    await projectClients(act, items);
    const done = job.progress.done + items.length;
    if (next === null) return finish(act, job, generation, done);
    const progress = { done, total: null };
    return {
      next: 'go-on',
      position: { generation, after: next },
      progress,
      also: [markState(act.tenant, id, { generation, status: 'building', progress })],
    };
  },
  giveUp: async (act, job) => {
    const id = subjectOf(job);
    const { generation } = PositionSchema.parse(job.position);
    // Where there is nothing to say it of, the job has to come to its end all the same.
    if ((await findSegmentWithState(act.tenant, id))?.segment.generation !== generation) return [];
    return [markState(act.tenant, id, { generation, status: 'failed', progress: job.progress })];
  },
};

/** Removes the rows of a segment that is no more. What clients still know of them is forgotten when they next change. */
export const segmentRemoval: JobWork = {
  step: async (act, job) => {
    const removed = await removeMembers(act.tenant, subjectOf(job), PAGE);
    const progress = { done: job.progress.done + removed, total: null };
    return { next: removed < PAGE ? 'done' : 'go-on', position: null, progress };
  },
};
