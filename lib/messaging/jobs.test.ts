import { newAct } from '../../test/support/builders.ts';
import { environment } from '../config/environment.ts';
import type { Act } from '../domain/act.ts';
import { lostTurn, takeJob, type JobRecord } from '../domain/job.ts';
import { findJob, saveJob, startJob } from '../table/jobs.ts';
import { commit, Raced } from '../table/transaction.ts';
import { redispatchJob, runJob, type JobStep, type JobWork } from './jobs.ts';

const start = async (act: Act): Promise<JobRecord> => {
  const { job, steps } = startJob(act, { kind: 'clients-import', subjectId: 'i', position: 0, total: 3 });
  // Without its queue entry, so that nobody but the test takes it.
  await commit(act.tenant, steps.slice(0, 1));
  return job;
};

const after = (act: Act, seconds: number): Act => ({ ...act, now: () => new Date(Date.now() + seconds * 1000) });

/** Counts to three, a step at a time. */
const counting = (step: (done: number) => Promise<void> | void = () => undefined): JobWork => ({
  step: async (_, job): Promise<JobStep> => {
    const { done, total } = job.progress;
    await step(done);
    return {
      position: done + 1,
      progress: { done: done + 1, total },
      next: done + 1 === total ? 'done' : 'go-on',
    };
  },
});

const run = async (act: Act, job: JobRecord, work: JobWork): Promise<unknown[]> => {
  const reported: unknown[] = [];
  await runJob(act, { 'clients-import': work }, { jobId: job.id }, (_, error) => reported.push(error));
  return reported;
};

const find = async (act: Act, { id }: JobRecord): Promise<JobRecord> => {
  const found = await findJob(act.tenant, id);
  if (found === undefined) throw new Error('There is no such job.');
  return found;
};

describe('a job', () => {
  it('goes on step by step until it is done, and is done once', async () => {
    const act = newAct();
    const job = await start(act);
    const steps: number[] = [];
    const work = counting((done) => void steps.push(done));
    await run(act, job, work);
    await run(act, job, work);
    expect(steps).toEqual([0, 1, 2]);
    expect(await find(act, job)).toMatchObject({ state: 'done', progress: { done: 3, total: 3 }, dueAt: null });
  });

  it('is worked on by one worker at a time', async () => {
    const act = newAct();
    const job = await start(act);
    const steps: number[] = [];
    const work = counting((done) => void steps.push(done));
    await Promise.all([run(act, job, work), run(act, job, work), run(act, job, work)]);
    expect(steps).toEqual([0, 1, 2]);
  });

  it('goes on where it was saved when a step came to nothing', async () => {
    const act = newAct();
    const job = await start(act);
    let isBroken = true;
    const work = counting((done) => {
      if (done === 1 && isBroken) throw new Error('The table is away.');
    });
    expect(await run(act, job, work)).toHaveLength(1);
    expect(await find(act, job)).toMatchObject({ state: 'queued', failures: 1, progress: { done: 1 }, lease: null });
    isBroken = false;
    await run(after(act, 60), job, work);
    expect(await find(act, job)).toMatchObject({ state: 'done', failures: 0, error: null });
  });

  it('waits as long as its work says, though its entry on the queue comes twice', async () => {
    const act = newAct();
    const job = await start(act);
    const steps: unknown[] = [];
    const work: JobWork = {
      step: (_, { position }) => {
        steps.push(position);
        return Promise.resolve(
          position === 0 ? { next: { waitSeconds: 60 }, position: 1 } : { next: 'done', position: 2 },
        );
      },
    };
    await run(act, job, work);
    await run(after(act, 50), job, work);
    expect(steps).toEqual([0]);
    await redispatchJob(after(act, 61), job.id);
    await run(after(act, 61), job, work);
    expect(steps).toEqual([0, 1]);
  });

  it('is given up after many failures, with a reason that quotes nothing', async () => {
    const act = newAct();
    const job = await start(act);
    const work = counting(() => {
      throw new TypeError('Ana Karimova is not iterable');
    });
    for (let attempt = 0; attempt < 13; attempt += 1) await run(after(act, attempt * 600), job, work);
    const { state, error, failures } = await find(act, job);
    expect({ state, error, failures }).toEqual({
      state: 'failed',
      error: { code: 'job.failed', detail: 'TypeError' },
      failures: 12,
    });
  });

  it('whose worker died is left alone until its lease is over, and then goes on', async () => {
    const act = newAct();
    const job = await start(act);
    let isDead = false;
    const dying = counting((done) => {
      if (done === 1) isDead = true;
    });
    const dies = {
      step: async (own: Act, current: JobRecord) => {
        const result = await dying.step(own, current);
        // What a killed worker leaves: its lease, and a step that was not saved.
        if (isDead) throw new Raced('killed');
        return result;
      },
    };
    await run(act, job, dies).catch(() => undefined);
    const left = await find(act, job);
    await saveJob(act, left, {
      ...left,
      state: 'running',
      lease: { token: 'dead', until: new Date(Date.now() + 60_000).toISOString() },
      dueAt: new Date(Date.now() + 60_000).toISOString(),
      revision: left.revision + 1,
    });
    const steps: number[] = [];
    const work = counting((done) => void steps.push(done));
    await run(act, job, work);
    expect(steps).toEqual([]);
    const later = after(act, 120);
    await redispatchJob(later, job.id);
    await run(later, job, work);
    expect(steps).toEqual([1, 2]);
  });

  it('that kills every worker is given up in the end', async () => {
    const act = newAct();
    const job = await start(act);
    const steps: number[] = [];
    const givenUp: string[] = [];
    const work: JobWork = {
      ...counting((done) => void steps.push(done)),
      giveUp: (_, { id }) => {
        givenUp.push(id);
        return Promise.resolve([]);
      },
    };
    const lease = { token: 'dead', until: new Date(0).toISOString() };
    let worn = job;
    for (let worker = 0; worker < 11; worker += 1) worn = lostTurn(act, takeJob(worn, lease), 60);
    const taken = { ...takeJob(worn, lease), turn: job.turn, revision: job.revision + 1 };
    await saveJob(act, job, taken);
    await redispatchJob(act, job.id);
    await run(act, job, work);
    expect({ steps, givenUp }).toEqual({ steps: [], givenUp: [job.id] });
    expect(await find(act, job)).toMatchObject({
      state: 'failed',
      error: { code: 'job.failed', detail: 'WorkerLost' },
      dueAt: null,
    });
  });

  it('takes another turn when its time is over', async () => {
    const act = newAct();
    const job = await start(act);
    let now = Date.now();
    const clock: Act = { ...act, now: () => new Date(now) };
    const work = counting(() => {
      now += environment().JOB_RUN_SECONDS * 1000;
    });
    await run(clock, job, work);
    expect(await find(act, job)).toMatchObject({ state: 'queued', turn: 2, progress: { done: 1 }, lease: null });
  });

  it('does its work in the name of who asked for it', async () => {
    const act = newAct();
    const job = await start(act);
    const names: string[] = [];
    const system: Act = { ...act, actor: { type: 'system', id: 'run-job' } };
    await run(system, job, {
      step: (own) => {
        names.push(own.actor.id);
        return Promise.resolve({ next: 'done', position: null });
      },
    });
    expect(names).toEqual(['ana']);
  });
});
