import { listExports } from '../../lib/contract/exports.ts';
import { sheetView } from '../../lib/domain/sheet-export.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listJobs } from '../../lib/table/jobs.ts';

/** GET /crm/exports: the tenant's exports of clients, newest first. */
export const handler = serve(listExports, async ({ query, act }) => {
  const { items, nextCursor } = await listJobs(act.tenant, 'clients-export', query);
  return ok({ items: items.map((job) => sheetView(job, act.now())), nextCursor });
});
