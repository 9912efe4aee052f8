import { getReconciliation as route } from '../../lib/contract/reconciliations.ts';
import { getReconciliation } from '../../lib/messaging/start-reconciliation.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** GET /crm/channels/{channelId}/reconciliation: how the latest one stands. */
export const handler = serve(route, async ({ params, act }) => ok(await getReconciliation(act, params.channelId)));
