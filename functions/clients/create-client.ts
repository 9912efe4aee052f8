import { createClient } from '../../lib/contract/clients.ts';
import { newClient } from '../../lib/domain/client.ts';
import { clientEvent } from '../../lib/domain/occurrence.ts';
import { created, serve } from '../../lib/runtime/serve.ts';
import { insertClient } from '../../lib/table/clients.ts';
import { knownSettings } from '../../lib/table/settings.ts';

/** POST /crm/clients: adds a client; a phone, PIN or contact that another client holds is refused. */
export const handler = serve(createClient, async ({ body, act, remember }) => {
  const { defaultCountry } = await knownSettings(act.tenant);
  const client = newClient(act, body, defaultCountry);
  const reply = created(client, `/crm/clients/${client.id}`);
  await insertClient(act, client, clientEvent(act, 'ClientCreated', client), remember(reply));
  return reply;
});
