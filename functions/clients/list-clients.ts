import { listClients as route } from '../../lib/contract/clients.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listClients } from '../../lib/table/clients.ts';

/** GET /crm/clients: the tenant's clients, newest first or by name. */
export const handler = serve(route, async ({ query, act }) => ok(await listClients(act.tenant, query.sort, query)));
