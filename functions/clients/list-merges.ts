import { listMerges as route } from '../../lib/contract/merge.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getClient } from '../../lib/table/clients.ts';
import { listMerges } from '../../lib/table/merges.ts';

/** GET /crm/clients/{clientId}/merges: which clients were merged into this one. */
export const handler = serve(route, async ({ params: { clientId }, query, act }) =>
  ok(await listMerges(act.tenant, await getClient(act.tenant, clientId), query)),
);
