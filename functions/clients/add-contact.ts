import { addContact as route } from '../../lib/contract/clients.ts';
import { addContact } from '../../lib/domain/client.ts';
import { clientEvent } from '../../lib/domain/occurrence.ts';
import { created, serve } from '../../lib/runtime/serve.ts';
import { editClient } from '../../lib/table/clients.ts';
import { knownSettings } from '../../lib/table/settings.ts';

/** POST /crm/clients/{clientId}/contacts: adds a contact that no client of the tenant holds yet. */
export const handler = serve(route, async ({ params: { clientId }, body, act, remember }) => {
  const { defaultCountry } = await knownSettings(act.tenant);
  return editClient(act.tenant, clientId, (before) => {
    const { client, contact } = addContact(act, before, body, defaultCountry);
    const result = created(contact, `/crm/clients/${clientId}/contacts`);
    return { client, event: clientEvent(act, 'ClientUpdated', client, before), result, also: remember(result) };
  });
});
