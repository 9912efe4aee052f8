import { getSegment } from '../../lib/contract/segments.ts';
import { segmentView } from '../../lib/domain/segment.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getSegmentWithState } from '../../lib/table/segments.ts';

/** GET /crm/segments/{segmentId}: one segment, and how far it is built. */
export const handler = serve(getSegment, async ({ params, act }) => {
  const { segment, state } = await getSegmentWithState(act.tenant, params.segmentId);
  return ok(segmentView(segment, state));
});
