import { listErasures as route } from '../../lib/contract/privacy.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listErasures } from '../../lib/table/erasures.ts';

/** GET /crm/erasures: the receipts of erasures, newest first. */
export const handler = serve(route, async ({ query, act }) => ok(await listErasures(act.tenant, query)));
