import { listImportColumns } from '../../lib/contract/imports.ts';
import { listColumns } from '../../lib/messaging/start-import.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** GET /crm/imports/{importId}/columns: the uploaded file's columns, and where each seems to go. */
export const handler = serve(listImportColumns, async ({ params, query, act }) =>
  ok(await listColumns(act.tenant, params.importId, query)),
);
