import type { Act } from '../domain/act.ts';
import { newDelivery } from '../domain/webhook-delivery.ts';
import { wants } from '../domain/webhook-endpoint.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { collectionOf } from '../table/outbox.ts';
import { insertDeliveries } from '../table/webhook-deliveries.ts';
import { allWebhookEndpoints } from '../table/webhook-endpoints.ts';
import { deliveryLookSeconds } from './delivery-look.ts';

/** Notes for each of these events to whom it is to be told. One query, and one transaction for an event that somebody wants. */
export const noteDeliveries = async (act: Act, events: readonly DomainEvent[]): Promise<void> => {
  const endpoints = await allWebhookEndpoints(act.tenant);
  for (const event of events) {
    const deliveries = endpoints
      .filter((endpoint) => wants(endpoint, event.type))
      .map(({ id }) => newDelivery(act, id, event, collectionOf(event), deliveryLookSeconds()));
    await insertDeliveries(act, deliveries);
  }
};
