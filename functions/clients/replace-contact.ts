import { replaceContact as route } from '../../lib/contract/clients.ts';
import { replaceContact } from '../../lib/domain/client.ts';
import { clientEvent } from '../../lib/domain/occurrence.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { editClient } from '../../lib/table/clients.ts';
import { knownSettings } from '../../lib/table/settings.ts';

/** PUT /crm/clients/{clientId}/contacts/{contactId}: changes a contact. */
export const handler = serve(route, async ({ params: { clientId, contactId }, body, act }) => {
  const { defaultCountry } = await knownSettings(act.tenant);
  return editClient(act.tenant, clientId, (before) => {
    const { client, contact } = replaceContact(act, before, contactId, body, defaultCountry);
    return { client, event: clientEvent(act, 'ClientUpdated', client, before), result: ok(contact) };
  });
});
