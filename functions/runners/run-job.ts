import { JobTurnSchema } from '../../lib/events/outbox.ts';
import { jobWorks } from '../../lib/messaging/job-works.ts';
import { runJob } from '../../lib/messaging/jobs.ts';
import { reconciliationWork } from '../../lib/messaging/reconcile.ts';
import { reportJobFailure } from '../../lib/runtime/job-report.ts';
import { count } from '../../lib/runtime/metrics.ts';
import { consume } from '../../lib/runtime/queue.ts';
import { systemAct } from '../../lib/runtime/worker.ts';

const reconciliation = reconciliationWork({
  onFound: (found) => count('ReconciliationFound', found),
  onKept: (kept) => count('DeadLetterKept', kept),
});
const works = { ...jobWorks, reconciliation };

/** Takes a job's turn: goes on with it where it stands. */
export const handler = consume(JobTurnSchema, async (turn) => {
  await runJob(systemAct(turn.tenantId, 'run-job', turn.jobId), works, turn, reportJobFailure);
});
