import { listAudit as route } from '../../lib/contract/audit.ts';
import { secondsAfter } from '../../lib/domain/act.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listAudit } from '../../lib/table/audit.ts';

const DAY_SECONDS = 24 * 3600;

/** GET /crm/audit: what was done, newest first. */
export const handler = serve(route, async ({ query: { subjectId, actorId, day, from, to, ...page }, act }) => {
  const within = day === undefined ? { from, to } : { from: day, to: secondsAfter(new Date(day), DAY_SECONDS) };
  return ok(await listAudit(act.tenant, { subjectId, actorId, ...within }, page));
});
