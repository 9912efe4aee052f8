import { listConsents as route } from '../../lib/contract/client-consents.ts';
import { listConsents } from '../../lib/domain/client-consent.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getClient } from '../../lib/table/clients.ts';

/** GET /crm/clients/{clientId}/consents: what a client allows on each contact, for each purpose. */
export const handler = serve(route, async ({ params: { clientId }, act }) => {
  const client = await getClient(act.tenant, clientId);
  return ok({ items: listConsents(client), nextCursor: null });
});
