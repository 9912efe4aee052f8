import { getLegalHold } from '../../lib/contract/privacy.ts';
import { shownHold } from '../../lib/domain/legal-hold.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getClientOrDeleted } from '../../lib/table/clients.ts';
import { findLegalHolds } from '../../lib/table/legal-holds.ts';

/** GET /crm/clients/{clientId}/legal-hold: why a client may not be erased. */
export const handler = serve(getLegalHold, async ({ params: { clientId }, act }) => {
  const client = await getClientOrDeleted(act.tenant, clientId);
  return ok(shownHold(clientId, await findLegalHolds(act.tenant, client)));
});
