import { previewSegment as route } from '../../lib/contract/segments.ts';
import { previewSegment } from '../../lib/messaging/preview-segment.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/segments/preview: how many clients a filter finds. */
export const handler = serve(route, async ({ body, act }) => ok(await previewSegment(act, body.filter, body.cursor)));
