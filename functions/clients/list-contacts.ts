import { listContacts } from '../../lib/contract/clients.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getClient } from '../../lib/table/clients.ts';

/** GET /crm/clients/{clientId}/contacts: all contacts of a client; there are few enough for one page. */
export const handler = serve(listContacts, async ({ params, act }) => {
  const { contacts } = await getClient(act.tenant, params.clientId);
  return ok({ items: contacts, nextCursor: null });
});
