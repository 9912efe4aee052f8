import { listImportRows as route } from '../../lib/contract/imports.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getImport, listImportRows } from '../../lib/table/imports.ts';

/** GET /crm/imports/{importId}/rows: what became of each row in the last run. */
export const handler = serve(route, async ({ params, query: { outcome, ...page }, act }) => {
  const record = await getImport(act.tenant, params.importId);
  return ok(await listImportRows(act.tenant, record, outcome, page));
});
