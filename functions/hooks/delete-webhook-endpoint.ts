import { deleteWebhookEndpoint } from '../../lib/contract/webhook-endpoints.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { webhookEndpointEvent } from '../../lib/domain/occurrence.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';
import { getWebhookEndpoint, removeWebhookEndpoint } from '../../lib/table/webhook-endpoints.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** DELETE /crm/webhook-endpoints/{endpointId}: removes an endpoint; what was not delivered is not. */
export const handler = serve(deleteWebhookEndpoint, ({ params, act, ifMatch }) =>
  untilUndisturbed(async () => {
    const before = await getWebhookEndpoint(act.tenant, params.endpointId);
    requireVersion(ifMatch, before.version);
    await removeWebhookEndpoint(act.tenant, before, webhookEndpointEvent(act, 'WebhookEndpointDeleted', before));
    return noContent();
  }),
);
