import { listWebhookDeliveries } from '../../lib/contract/webhook-endpoints.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listDeliveries } from '../../lib/table/webhook-deliveries.ts';
import { getWebhookEndpoint } from '../../lib/table/webhook-endpoints.ts';

/** GET /crm/webhook-endpoints/{endpointId}/deliveries: the log of two weeks. */
export const handler = serve(listWebhookDeliveries, async ({ params, query, act }) => {
  const { limit, cursor, eventType, ...filter } = query;
  const { id } = await getWebhookEndpoint(act.tenant, params.endpointId);
  const eventTypes = eventType === undefined ? undefined : [eventType];
  return ok(await listDeliveries(act, id, { ...filter, eventTypes }, { limit, cursor }));
});
