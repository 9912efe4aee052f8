import { JobTurnSchema } from '../../lib/events/outbox.ts';
import { jobWorks } from '../../lib/messaging/job-works.ts';
import { runJob } from '../../lib/messaging/jobs.ts';
import { reportJobFailure } from '../../lib/runtime/job-report.ts';
import { consume } from '../../lib/runtime/queue.ts';
import { systemAct } from '../../lib/runtime/worker.ts';

/** Takes a job's turn: goes on with it where it stands. */
export const handler = consume(JobTurnSchema, async (turn) => {
  await runJob(systemAct(turn.tenantId, 'run-job', turn.jobId), jobWorks, turn, reportJobFailure);
});
