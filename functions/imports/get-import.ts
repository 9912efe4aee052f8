import { getImport as route } from '../../lib/contract/imports.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getImport } from '../../lib/table/imports.ts';

/** GET /crm/imports/{importId}: how an import stands. */
export const handler = serve(route, async ({ params, act }) => ok(await getImport(act.tenant, params.importId)));
