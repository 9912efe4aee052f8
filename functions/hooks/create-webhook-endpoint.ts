import { createWebhookEndpoint } from '../../lib/contract/webhook-endpoints.ts';
import { webhookEndpointEvent } from '../../lib/domain/occurrence.ts';
import { newEndpoint, newEndpointId } from '../../lib/domain/webhook-endpoint.ts';
import { newSealedSecret, requirePublic } from '../../lib/messaging/webhook-secrets.ts';
import { created, serve } from '../../lib/runtime/serve.ts';
import { insertWebhookEndpoint } from '../../lib/table/webhook-endpoints.ts';

/** POST /crm/webhook-endpoints: has another system told of events, signed with a secret of its own. */
export const handler = serve(createWebhookEndpoint, async ({ body, act, remember }) => {
  requirePublic(body.url);
  const id = newEndpointId(act);
  const endpoint = newEndpoint(act, id, body, await newSealedSecret(act, id));
  const reply = created(endpoint, `/crm/webhook-endpoints/${id}`);
  const event = webhookEndpointEvent(act, 'WebhookEndpointCreated', endpoint);
  await insertWebhookEndpoint(act.tenant, endpoint, event, remember(reply));
  return reply;
});
