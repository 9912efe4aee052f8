import { replayWebhookDeliveries } from '../../lib/contract/webhook-endpoints.ts';
import { replayView } from '../../lib/domain/webhook-replay.ts';
import { startReplay } from '../../lib/messaging/replay-webhooks.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';
import type { JobRecord } from '../../lib/domain/job.ts';

const replyOf = (job: JobRecord) =>
  accepted(replayView(job), `/crm/webhook-endpoints/${job.subjectId}/replays/${job.id}`);

/** POST /crm/webhook-endpoints/{endpointId}/replays: starts to deliver again what a filter finds. */
export const handler = serve(replayWebhookDeliveries, async ({ params, body, act, remember }) =>
  replyOf(await startReplay(act, params.endpointId, body, (job) => remember(replyOf(job)))),
);
