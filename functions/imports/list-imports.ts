import { listImports as route } from '../../lib/contract/imports.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listImports } from '../../lib/table/imports.ts';

/** GET /crm/imports: the tenant's imports, newest first. */
export const handler = serve(route, async ({ query, act }) => ok(await listImports(act.tenant, query)));
