import { getRedrive } from '../../lib/contract/dead-letters.ts';
import { redriveView } from '../../lib/domain/dead-letter.ts';
import { notFound } from '../../lib/domain/failure.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { findJobOf } from '../../lib/table/jobs.ts';

/** GET /crm/dead-letters/redrives/{redriveId}: how far a redrive of many is. */
export const handler = serve(getRedrive, async ({ params: { redriveId }, act }) => {
  const job = await findJobOf(act.tenant, 'dead-letters-redrive', redriveId);
  if (job === undefined) throw notFound();
  return ok(redriveView(job));
});
