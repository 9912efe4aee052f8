import { searchClients } from '../../lib/contract/search.ts';
import { searchClients as search } from '../../lib/messaging/search-clients.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** GET /crm/clients/search: finds clients by words of their profiles and notes, newest first. */
export const handler = serve(searchClients, async ({ query: { q, limit, cursor }, caller }) =>
  ok(await search(caller.tenant, caller.userId, q, { limit, cursor })),
);
