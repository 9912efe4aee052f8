import { handler as createWebhookEndpoint } from '../../functions/hooks/create-webhook-endpoint.ts';
import { handler as getWebhookEndpoint } from '../../functions/hooks/get-webhook-endpoint.ts';
import { handler as listWebhookDeliveries } from '../../functions/hooks/list-webhook-deliveries.ts';
import { handler as listWebhookEndpoints } from '../../functions/hooks/list-webhook-endpoints.ts';
import { handler as replayWebhookDeliveries } from '../../functions/hooks/replay-webhook-deliveries.ts';
import { handler as replayWebhookDelivery } from '../../functions/hooks/replay-webhook-delivery.ts';
import { handler as rotateWebhookSecret } from '../../functions/hooks/rotate-webhook-secret.ts';
import type { EventId, WebhookEndpointId } from '../../lib/contract/vocabulary.ts';
import type { Act } from '../../lib/domain/act.ts';
import { clientEvent, webhookEndpointEvent } from '../../lib/domain/occurrence.ts';
import { newDelivery } from '../../lib/domain/webhook-delivery.ts';
import { newEndpoint, newEndpointId } from '../../lib/domain/webhook-endpoint.ts';
import { deliverWebhook } from '../../lib/messaging/deliver-webhooks.ts';
import { noteDeliveries } from '../../lib/messaging/note-deliveries.ts';
import { newSealedSecret } from '../../lib/messaging/webhook-secrets.ts';
import { announce, collectionOf } from '../../lib/table/outbox.ts';
import { commit } from '../../lib/table/transaction.ts';
import { insertDeliveries } from '../../lib/table/webhook-deliveries.ts';
import { insertWebhookEndpoint } from '../../lib/table/webhook-endpoints.ts';
import { act, query, read, requestsDuring, requestsOf, transaction, type Budget } from './budget-stage.ts';
import { buildClient, newAct } from './builders.ts';

/** Nobody listens there, and whoever calls it notices at once. */
const NOWHERE = 'http://127.0.0.1:1/hook';

const addEndpoint = async (own: Act, eventType = 'Nothing'): Promise<WebhookEndpointId> => {
  const id = newEndpointId(own);
  const input = { url: NOWHERE, description: null, eventTypes: [eventType], status: 'active' as const };
  const endpoint = newEndpoint(own, id, input, await newSealedSecret(own, id));
  await insertWebhookEndpoint(own.tenant, endpoint, webhookEndpointEvent(own, 'WebhookEndpointCreated', endpoint), []);
  return id;
};

const newEvent = (own: Act) => clientEvent(own, 'ClientCreated', buildClient(own));

/** Something happened that is to be delivered to an endpoint; its queue entry is used up, so that nobody else does. */
const addDelivery = async (own: Act): Promise<{ readonly endpointId: WebhookEndpointId; readonly id: EventId }> => {
  const endpointId = await addEndpoint(own);
  const event = newEvent(own);
  await commit(own.tenant, [announce(event)]);
  const delivery = newDelivery(own, endpointId, event, collectionOf(event), 3600);
  await insertDeliveries(own, [{ ...delivery, spent: 1 }]);
  return { endpointId, id: delivery.id };
};

export const webhookBudgets: readonly Budget[] = [
  {
    operation: 'list where other systems are told',
    promised: [query],
    run: (stage) => requestsOf(listWebhookEndpoints, stage.call(), 200),
  },
  {
    operation: 'add an outgoing webhook',
    promised: [transaction],
    run: (stage) => {
      const body = { url: NOWHERE, eventTypes: ['Nothing'] };
      return requestsOf(createWebhookEndpoint, stage.call({}, { method: 'POST', body }), 201);
    },
  },
  {
    operation: 'get an outgoing webhook',
    promised: [read],
    run: async (stage) => requestsOf(getWebhookEndpoint, stage.call({ endpointId: await addEndpoint(act) }), 200),
  },
  {
    operation: 'change its secret',
    promised: [read, transaction],
    run: async (stage) =>
      requestsOf(rotateWebhookSecret, stage.call({ endpointId: await addEndpoint(act) }, { method: 'POST' }), 200),
  },
  {
    operation: 'list deliveries to an endpoint',
    promised: [read, query],
    run: async (stage) => requestsOf(listWebhookDeliveries, stage.call({ endpointId: await addEndpoint(act) }), 200),
  },
  {
    operation: 'note an event that somebody wants',
    promised: [query, transaction],
    run: async () => {
      const own = newAct();
      await addEndpoint(own, 'ClientCreated');
      return requestsDuring(() => noteDeliveries(own, [newEvent(own)]));
    },
  },
  {
    operation: 'deliver an event to an endpoint that begins to fail',
    promised: [read, read, read, read, transaction, transaction],
    run: async () => {
      const own = newAct();
      const { endpointId, id } = await addDelivery(own);
      return requestsDuring(() => deliverWebhook(own, endpointId, id, 2));
    },
  },
  {
    operation: 'deliver an event again',
    promised: [read, read, read, transaction],
    run: async (stage) => {
      const { endpointId, id: deliveryId } = await addDelivery(act);
      return requestsOf(replayWebhookDelivery, stage.call({ endpointId, deliveryId }, { method: 'POST' }), 202);
    },
  },
  {
    operation: 'deliver all again that failed',
    promised: [read, transaction],
    run: async (stage) =>
      requestsOf(
        replayWebhookDeliveries,
        stage.call({ endpointId: await addEndpoint(act) }, { method: 'POST', body: {} }),
        202,
      ),
  },
];
