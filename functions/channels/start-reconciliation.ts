import { startReconciliation as route, type Reconciliation } from '../../lib/contract/reconciliations.ts';
import { requestReconciliation } from '../../lib/messaging/start-reconciliation.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/channels/{channelId}/reconcile: asks Twilio for what we lack. */
export const handler = serve(route, async ({ params: { channelId }, body, act, remember }) => {
  const reply = (each: Reconciliation) => accepted(each, `/crm/channels/${channelId}/reconciliation`);
  return reply(await requestReconciliation(act, channelId, body.since ?? null, (each) => remember(reply(each))));
});
