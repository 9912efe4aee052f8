import { createClient } from '../../lib/contract/clients.ts';
import { newClient } from '../../lib/domain/client.ts';
import { requireCustomFields } from '../../lib/domain/custom-field.ts';
import { clientEvent } from '../../lib/domain/occurrence.ts';
import { created, serve } from '../../lib/runtime/serve.ts';
import { insertClient } from '../../lib/table/clients.ts';
import { knownCustomFields, useCustomFields } from '../../lib/table/custom-fields.ts';
import { knownSettings } from '../../lib/table/settings.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** POST /crm/clients: adds a client; a phone, PIN or contact that another client holds is refused. */
export const handler = serve(createClient, ({ body, act, remember }) =>
  untilUndisturbed(async () => {
    const [{ defaultCountry }, defined] = await Promise.all([knownSettings(act.tenant), knownCustomFields(act.tenant)]);
    const firstUsed = requireCustomFields(defined, {}, body.customFields);
    const client = newClient(act, body, defaultCountry);
    const reply = created(client, `/crm/clients/${client.id}`);
    const also = [...remember(reply), ...useCustomFields(act.tenant, firstUsed)];
    await insertClient(act, client, clientEvent(act, 'ClientCreated', client), also);
    return reply;
  }),
);
