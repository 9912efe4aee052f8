import { replayWebhookDelivery } from '../../lib/contract/webhook-endpoints.ts';
import type { WebhookDeliveryRecord } from '../../lib/domain/webhook-delivery.ts';
import { replayDelivery } from '../../lib/messaging/replay-webhooks.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';

const replyOf = (delivery: WebhookDeliveryRecord) =>
  accepted(delivery, `/crm/webhook-endpoints/${delivery.endpointId}/deliveries`);

/** POST /crm/webhook-endpoints/{endpointId}/deliveries/{deliveryId}/replay: delivers an event again, under the same id. */
export const handler = serve(replayWebhookDelivery, async ({ params, act, remember }) =>
  replyOf(await replayDelivery(act, params.endpointId, params.deliveryId, (delivery) => remember(replyOf(delivery)))),
);
