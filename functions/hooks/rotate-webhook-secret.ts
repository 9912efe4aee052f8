import { rotateWebhookSecret } from '../../lib/contract/webhook-endpoints.ts';
import { webhookEndpointEvent } from '../../lib/domain/occurrence.ts';
import { rotatedEndpoint } from '../../lib/domain/webhook-endpoint.ts';
import { newSealedSecret } from '../../lib/messaging/webhook-secrets.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { changeWebhookEndpoint, getWebhookEndpoint } from '../../lib/table/webhook-endpoints.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** POST /crm/webhook-endpoints/{endpointId}/rotate-secret: a new secret; the former one signs beside it for a day. */
export const handler = serve(rotateWebhookSecret, ({ params, act, remember }) =>
  untilUndisturbed(async () => {
    const before = await getWebhookEndpoint(act.tenant, params.endpointId);
    const after = rotatedEndpoint(act, before, await newSealedSecret(act, before.id));
    const event = webhookEndpointEvent(act, 'WebhookEndpointUpdated', after, before);
    await changeWebhookEndpoint(act.tenant, before, after, event, remember(ok(after)));
    return ok(after);
  }),
);
