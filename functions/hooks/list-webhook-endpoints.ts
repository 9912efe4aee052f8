import { listWebhookEndpoints as route } from '../../lib/contract/webhook-endpoints.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listWebhookEndpoints } from '../../lib/table/webhook-endpoints.ts';

/** GET /crm/webhook-endpoints: where other systems are told what happens. */
export const handler = serve(route, async ({ query, act }) => ok(await listWebhookEndpoints(act.tenant, query)));
