import { replaceClient } from '../../lib/contract/clients.ts';
import { replaceProfile } from '../../lib/domain/client.ts';
import { requireCustomFields } from '../../lib/domain/custom-field.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { clientEvent } from '../../lib/domain/occurrence.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { editClient } from '../../lib/table/clients.ts';
import { knownCustomFields, useCustomFields } from '../../lib/table/custom-fields.ts';
import { knownSettings } from '../../lib/table/settings.ts';

/** PUT /crm/clients/{clientId}: replaces the profile; contacts and tags have their own endpoints. */
export const handler = serve(replaceClient, async ({ params, body, act, ifMatch }) => {
  const { defaultCountry } = await knownSettings(act.tenant);
  const client = await editClient(act.tenant, params.clientId, async (before) => {
    requireVersion(ifMatch, before.version);
    const defined = await knownCustomFields(act.tenant);
    const also = useCustomFields(act.tenant, requireCustomFields(defined, before.customFields, body.customFields));
    const after = replaceProfile(act, before, body, defaultCountry);
    return { client: after, event: clientEvent(act, 'ClientUpdated', after, before), result: after, also };
  });
  return ok(client);
});
