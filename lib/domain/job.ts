import * as z from 'zod';
import { JobIdSchema } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from './act.ts';

/** What goes on after its request was answered, in steps that each leave everything right. */
const JobKindSchema = z.enum([
  'segment-build',
  'segment-removal',
  'client-export',
  'client-erasure',
  'clients-import',
  'clients-export',
  'retention',
  'reconciliation',
  'dead-letters-redrive',
  'webhook-replay',
]);
export type JobKind = z.infer<typeof JobKindSchema>;

const ProgressSchema = z.object({ done: z.int(), total: z.int().nullable() });
export type JobProgress = z.infer<typeof ProgressSchema>;

/** A job as it is stored. */
export const JobRecordSchema = z.object({
  id: JobIdSchema,
  kind: JobKindSchema,
  /** The id of what it works on: a segment, a client, an import. */
  subjectId: z.string(),
  state: z.enum(['queued', 'running', 'done', 'failed']),
  progress: ProgressSchema,
  /** Where it stands, in its kind's own words: what its next step needs to know, and nothing personal. */
  position: z.unknown(),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  /** How often in a row a step came to nothing. */
  failures: z.int(),
  /** Makes each of its queue entries its own. */
  turn: z.int(),
  lease: z.object({ token: z.string(), until: z.string() }).nullable(),
  /** Before then it is nobody's turn, though an entry on the queue comes twice; `null`: it need not wait. */
  waitsUntil: z.string().nullable().default(null),
  /** When the due job has to look at it; `null`: never. */
  dueAt: z.string().nullable(),
  /** In whose name it works. */
  actor: z.object({ type: z.enum(['user', 'client', 'system']), id: z.string() }),
  correlationId: z.string(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  /** Seconds since 1970; from then on it may be forgotten. */
  expiresAt: z.int().optional(),
  revision: z.int(),
});
export type JobRecord = z.infer<typeof JobRecordSchema>;

interface Work {
  readonly kind: JobKind;
  readonly subjectId: string;
  readonly position: unknown;
  readonly total?: number | null;
}

/** @param lookAfterSeconds when its queue entry counts as lost */
export const newJob = (act: Act, work: Work, lookAfterSeconds: number): JobRecord => ({
  id: JobIdSchema.parse(act.newId()),
  kind: work.kind,
  subjectId: work.subjectId,
  state: 'queued',
  progress: { done: 0, total: work.total ?? null },
  position: work.position,
  error: null,
  failures: 0,
  turn: 1,
  lease: null,
  waitsUntil: null,
  dueAt: secondsAfter(act.now(), lookAfterSeconds),
  actor: act.actor,
  correlationId: act.correlationId,
  createdAt: instant(act.now()),
  finishedAt: null,
  revision: 1,
});

/** Nobody has to work on it any more. */
export const isOver = ({ state }: JobRecord): boolean => state === 'done' || state === 'failed';

/** Somebody else works on it, it has to wait, or nobody has to work on it any more. */
export const isTaken = (job: JobRecord, now: string): boolean =>
  isOver(job) || [job.lease?.until, job.waitsUntil].some((until) => (until ?? '') > now);

type Lease = NonNullable<JobRecord['lease']>;

/** A worker takes the job; the due job looks after it when the lease has run out. */
export const takeJob = (job: JobRecord, lease: Lease): JobRecord => ({
  ...job,
  state: 'running',
  lease,
  waitsUntil: null,
  dueAt: lease.until,
  revision: job.revision + 1,
});

/** What a step of a job comes to. */
export interface StepResult {
  readonly next: 'go-on' | 'done' | { readonly waitSeconds: number };
  readonly position: unknown;
  readonly progress?: JobProgress;
}

const KEPT_SECONDS = 30 * 24 * 3600;

/** Nobody works on it for so many seconds; then the due job puts it on the queue. */
const waiting = (act: Act, seconds: number): Pick<JobRecord, 'state' | 'lease' | 'waitsUntil' | 'dueAt'> => {
  const until = secondsAfter(act.now(), seconds);
  return { state: 'queued', lease: null, waitsUntil: until, dueAt: until };
};

const ended = (act: Act): Pick<JobRecord, 'dueAt' | 'lease' | 'finishedAt' | 'expiresAt'> => ({
  dueAt: null,
  lease: null,
  finishedAt: instant(act.now()),
  expiresAt: Math.floor(act.now().getTime() / 1000) + KEPT_SECONDS,
});

/** The job after a step that its worker took. */
export const advanceJob = (act: Act, job: JobRecord, result: StepResult, lease: Lease): JobRecord => {
  const stepped = {
    ...job,
    position: result.position,
    progress: result.progress ?? job.progress,
    failures: 0,
    error: null,
    revision: job.revision + 1,
  };
  if (result.next === 'done') return { ...stepped, state: 'done', ...ended(act) };
  if (result.next === 'go-on') return { ...stepped, lease, dueAt: lease.until };
  return { ...stepped, ...waiting(act, result.next.waitSeconds) };
};

/** Its worker's time is over: it goes on the queue again. */
export const nextTurn = (act: Act, job: JobRecord, lookAfterSeconds: number): JobRecord => ({
  ...job,
  state: 'queued',
  turn: job.turn + 1,
  lease: null,
  waitsUntil: null,
  dueAt: secondsAfter(act.now(), lookAfterSeconds),
  revision: job.revision + 1,
});

const MOST_FAILURES = 12;

/** Its queue entry was lost, or its worker died without a word, which counts as a step that came to nothing. */
export const lostTurn = (act: Act, job: JobRecord, lookAfterSeconds: number): JobRecord => ({
  ...nextTurn(act, job, lookAfterSeconds),
  failures: job.failures + (job.state === 'running' ? 1 : 0),
});

/** One worker after the other has died of it. */
export const isWornOut = ({ failures }: JobRecord): boolean => failures >= MOST_FAILURES;

/** A step came to nothing: it is tried again later, up to a point. */
export const setBackJob = (act: Act, job: JobRecord, error: NonNullable<JobRecord['error']>): JobRecord => {
  const failures = job.failures + 1;
  const failed = { ...job, failures, error, lease: null, revision: job.revision + 1 };
  if (failures >= MOST_FAILURES) return { ...failed, state: 'failed', ...ended(act) };
  return { ...failed, ...waiting(act, Math.min(600, 2 ** failures)) };
};
