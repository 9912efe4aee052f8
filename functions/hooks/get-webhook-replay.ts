import { getWebhookReplay } from '../../lib/contract/webhook-endpoints.ts';
import { notFound } from '../../lib/domain/failure.ts';
import { replayView } from '../../lib/domain/webhook-replay.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { findJobOf } from '../../lib/table/jobs.ts';

/** GET /crm/webhook-endpoints/{endpointId}/replays/{replayId}: how far a replay of many is. */
export const handler = serve(getWebhookReplay, async ({ params: { endpointId, replayId }, act }) => {
  const job = await findJobOf(act.tenant, 'webhook-replay', replayId);
  if (job?.subjectId !== endpointId) throw notFound();
  return ok(replayView(job));
});
