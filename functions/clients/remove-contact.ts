import { removeContact as route } from '../../lib/contract/clients.ts';
import { removeContact } from '../../lib/domain/client.ts';
import { clientEvent } from '../../lib/domain/occurrence.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';
import { editClient } from '../../lib/table/clients.ts';

/** DELETE /crm/clients/{clientId}/contacts/{contactId}: removes a contact and frees it for others. */
export const handler = serve(route, ({ params: { clientId, contactId }, act }) =>
  editClient(act.tenant, clientId, (before) => {
    const client = removeContact(act, before, contactId);
    return { client, event: clientEvent(act, 'ClientUpdated', client, before), result: noContent() };
  }),
);
