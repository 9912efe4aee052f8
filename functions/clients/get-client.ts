import { getClient as route } from '../../lib/contract/clients.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getClient } from '../../lib/table/clients.ts';

/** GET /crm/clients/{clientId}: one client. */
export const handler = serve(route, async ({ params, act }) => ok(await getClient(act.tenant, params.clientId)));
