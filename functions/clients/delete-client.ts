import { deleteClient } from '../../lib/contract/clients.ts';
import { withState } from '../../lib/domain/client.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { clientEvent } from '../../lib/domain/occurrence.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';
import { getClient, hideClient } from '../../lib/table/clients.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** DELETE /crm/clients/{clientId}: hides the client and its chat and frees its phone, PIN and contacts. */
export const handler = serve(deleteClient, async ({ params, act, ifMatch }) => {
  await untilUndisturbed(async () => {
    const before = await getClient(act.tenant, params.clientId);
    requireVersion(ifMatch, before.version);
    const after = withState(act, before, 'deleted');
    await hideClient(act.tenant, before, after, clientEvent(act, 'ClientDeleted', after));
  });
  return noContent();
});
