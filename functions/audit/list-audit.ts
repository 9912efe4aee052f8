import { listAudit as route } from '../../lib/contract/audit.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listAudit } from '../../lib/table/audit.ts';

/** GET /crm/audit: what was done, newest first. */
export const handler = serve(route, async ({ query: { subjectId, actorId, ...page }, act }) =>
  ok(await listAudit(act.tenant, { subjectId, actorId }, page)),
);
