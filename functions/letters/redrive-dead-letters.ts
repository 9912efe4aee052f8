import { redriveDeadLetters } from '../../lib/contract/dead-letters.ts';
import { instant } from '../../lib/domain/act.ts';
import { redriveView } from '../../lib/domain/dead-letter.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';
import { startJob } from '../../lib/table/jobs.ts';
import { commit } from '../../lib/table/transaction.ts';

/** POST /crm/dead-letters/redrive: starts to put back all that a filter finds. */
export const handler = serve(redriveDeadLetters, async ({ body: filter, act, remember }) => {
  const position = { filter, until: instant(act.now()), after: null };
  const { job, steps } = startJob(act, { kind: 'dead-letters-redrive', subjectId: act.tenant, position });
  const reply = accepted(redriveView(job), `/crm/dead-letters/redrives/${job.id}`);
  await commit(act.tenant, [...remember(reply), ...steps]);
  return reply;
});
