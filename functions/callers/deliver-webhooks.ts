import { DeliveryTurnSchema } from '../../lib/events/outbox.ts';
import { deliverWebhook } from '../../lib/messaging/deliver-webhooks.ts';
import { consume } from '../../lib/runtime/queue.ts';
import { systemAct } from '../../lib/runtime/worker.ts';

/** Tells other systems what happened. */
export const handler = consume(DeliveryTurnSchema, ({ tenantId, endpointId, deliveryId, turn }) =>
  deliverWebhook(systemAct(tenantId, 'deliver-webhooks', deliveryId), endpointId, deliveryId, turn),
);
