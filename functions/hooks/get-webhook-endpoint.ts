import { getWebhookEndpoint as route } from '../../lib/contract/webhook-endpoints.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getWebhookEndpoint } from '../../lib/table/webhook-endpoints.ts';

/** GET /crm/webhook-endpoints/{endpointId}: an endpoint, without its secret. */
export const handler = serve(route, async ({ params, act }) =>
  ok(await getWebhookEndpoint(act.tenant, params.endpointId)),
);
