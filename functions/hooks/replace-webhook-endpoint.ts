import { replaceWebhookEndpoint } from '../../lib/contract/webhook-endpoints.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { webhookEndpointEvent } from '../../lib/domain/occurrence.ts';
import { replacedEndpoint } from '../../lib/domain/webhook-endpoint.ts';
import { requirePublic } from '../../lib/messaging/webhook-secrets.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { changeWebhookEndpoint, getWebhookEndpoint } from '../../lib/table/webhook-endpoints.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** PUT /crm/webhook-endpoints/{endpointId}: replaces where and of what a system is told, and whether. */
export const handler = serve(replaceWebhookEndpoint, ({ params, body, act, ifMatch }) => {
  requirePublic(body.url);
  return untilUndisturbed(async () => {
    const before = await getWebhookEndpoint(act.tenant, params.endpointId);
    requireVersion(ifMatch, before.version);
    const after = replacedEndpoint(act, before, body);
    const event = webhookEndpointEvent(act, 'WebhookEndpointUpdated', after, before);
    await changeWebhookEndpoint(act.tenant, before, after, event);
    return ok(after);
  });
});
