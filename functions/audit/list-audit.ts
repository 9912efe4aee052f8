import { listAudit as route } from '../../lib/contract/audit.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listAudit } from '../../lib/table/audit.ts';

/** GET /crm/audit: what was done, newest first. */
export const handler = serve(route, async ({ query: { subjectId, actorId, day, from, to, ...page }, act }) => {
  // What happened on a day begins with it; the last day there is has no next one to end at.
  const within = day === undefined ? { from, to } : { from: day, to: `${day}~` };
  return ok(await listAudit(act.tenant, { subjectId, actorId, ...within }, page));
});
