import { environment } from '../config/environment.ts';
import type { JobId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import {
  advanceJob,
  isTaken,
  isWornOut,
  lostTurn,
  nextTurn,
  setBackJob,
  takeJob,
  type JobKind,
  type JobRecord,
  type StepResult,
} from '../domain/job.ts';
import type { JobTurn } from '../events/outbox.ts';
import { findJob, saveJob } from '../table/jobs.ts';
import { Raced, type Step } from '../table/transaction.ts';

export interface JobStep extends StepResult {
  /** Written in the transaction that saves where the job stands, or not at all. */
  readonly also?: readonly Step[];
  /** Ids of what could not be done, and why, where the job goes on all the same: it is told of, and not tried again. */
  readonly passedOver?: readonly PassedOver[];
}

export interface PassedOver {
  readonly id: string;
  readonly error: unknown;
}

/**
 * One kind of job. A step takes a few seconds at most and begins where `job.position` says; what it writes outside `also`
 * has to bear being done again, for a crash may come before the position is saved, and a worker that was held up for
 * longer than its lease may do it beside its successor.
 */
export interface JobWork {
  /** `act` is in the name of who asked for the job. */
  step(act: Act, job: JobRecord): Promise<JobStep>;
  /** What is written when the job is given up; `job` is as it then is. */
  giveUp?(act: Act, job: JobRecord): Promise<readonly Step[]>;
}

export type JobWorks = Readonly<Partial<Record<JobKind, JobWork>>>;

const leaseOf = (act: Act, token: string) => ({
  token,
  until: secondsAfter(act.now(), 2 * environment().LEASE_SECONDS),
});

/** What went wrong, without the words of it: they may quote what people wrote. */
const described = (error: unknown): NonNullable<JobRecord['error']> => ({
  code: 'job.failed',
  detail: error instanceof Error ? error.name : 'unknown',
});

const setBack = async (act: Act, work: JobWork, job: JobRecord, error: unknown): Promise<void> => {
  const after = setBackJob(act, job, described(error));
  await saveJob(act, job, after, after.state === 'failed' ? await work.giveUp?.(act, after) : []);
};

/** Step after step, until the job is done, has to wait, or its worker's time is over. */
const goOn = async (act: Act, work: JobWork, taken: JobRecord, token: string, report: Report): Promise<void> => {
  const until = act.now().getTime() + environment().JOB_RUN_SECONDS * 1000;
  for (let job = taken; job.state === 'running';) {
    let result: JobStep;
    try {
      result = await work.step(act, job);
    } catch (error) {
      report(job, error);
      await setBack(act, work, job, error);
      return;
    }
    for (const { id, error } of result.passedOver ?? []) report(job, error, id);
    const stepped = advanceJob(act, job, result, leaseOf(act, token));
    const isTimeUp = act.now().getTime() >= until;
    const after =
      stepped.state === 'running' && isTimeUp
        ? { ...nextTurn(act, stepped, environment().REDISPATCH_SECONDS), revision: stepped.revision }
        : stepped;
    await saveJob(act, job, after, result.also);
    job = after;
  }
};

/** Of a step that came to nothing, or of one thing that a step passed over. */
type Report = (job: JobRecord, error: unknown, passedOver?: string) => void;

/** Its worker was killed, again and again: out of time, or of memory. */
class WorkerLost extends Error {
  override name = 'WorkerLost';
}

/** The job's own act: in the name of who asked for it. */
const actOf = (act: Act, { actor, correlationId }: JobRecord): Act => ({ ...act, actor, correlationId });

/**
 * Works on a job for a while, unless somebody else does or it is over. Whatever breaks off is taken up again where it was
 * saved: by its next turn, or by the due job when the lease has run out.
 */
export const runJob = async (
  act: Act,
  works: JobWorks,
  { jobId }: Pick<JobTurn, 'jobId'>,
  report: Report,
): Promise<void> => {
  const job = await findJob(act.tenant, jobId);
  if (job === undefined || isTaken(job, instant(act.now()))) return;
  const work = works[job.kind];
  if (work === undefined) throw new Error(`Nobody does ${job.kind}.`);
  const own = actOf(act, job);
  const token = act.newId();
  try {
    if (isWornOut(job)) {
      const error = new WorkerLost('The job outlived too many of its workers.');
      report(job, error);
      await setBack(own, work, job, error);
      return;
    }
    const taken = takeJob(job, leaseOf(own, token));
    await saveJob(own, job, taken);
    await goOn(own, work, taken, token, report);
  } catch (error) {
    if (!(error instanceof Raced)) throw error;
  }
};

/** Its queue entry is lost, its worker died, or the time it had to wait is over: it goes on the queue again. */
export const redispatchJob = async (act: Act, jobId: JobId): Promise<void> => {
  const job = await findJob(act.tenant, jobId);
  if (job?.dueAt === undefined || job.dueAt === null || job.dueAt > instant(act.now())) return;
  try {
    await saveJob(act, job, lostTurn(act, job, environment().REDISPATCH_SECONDS));
  } catch (error) {
    if (!(error instanceof Raced)) throw error;
  }
};
