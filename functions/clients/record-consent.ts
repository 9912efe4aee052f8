import { recordConsent } from '../../lib/contract/client-consents.ts';
import { noteConsent } from '../../lib/messaging/consent.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** PUT /crm/clients/{clientId}/consents: writes down what a client allowed or refused on a contact. */
export const handler = serve(recordConsent, async ({ params: { clientId }, body, act }) =>
  ok(await noteConsent(act, clientId, body)),
);
