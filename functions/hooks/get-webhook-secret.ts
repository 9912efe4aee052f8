import { getWebhookSecret } from '../../lib/contract/webhook-endpoints.ts';
import { showSecrets } from '../../lib/messaging/webhook-secrets.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getWebhookEndpoint } from '../../lib/table/webhook-endpoints.ts';

/** GET /crm/webhook-endpoints/{endpointId}/secret: what deliveries are signed with. */
export const handler = serve(getWebhookSecret, async ({ params, act }) =>
  ok(await showSecrets(act, await getWebhookEndpoint(act.tenant, params.endpointId))),
);
