import { listClients as route } from '../../lib/contract/clients.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listClientsByTag } from '../../lib/table/client-tags.ts';
import { listClients } from '../../lib/table/clients.ts';

/** GET /crm/clients: the tenant's clients, newest first or by name; those with a tag if asked. */
export const handler = serve(route, async ({ query, act }) =>
  ok(
    query.tag === undefined
      ? await listClients(act.tenant, query.sort, query)
      : await listClientsByTag(act.tenant, query.tag, query),
  ),
);
