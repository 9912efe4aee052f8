import { replaceSegment as route } from '../../lib/contract/segments.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { segmentEvent } from '../../lib/domain/occurrence.ts';
import { replaceSegment, segmentView } from '../../lib/domain/segment.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { changeSegment, getSegmentWithState } from '../../lib/table/segments.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** PUT /crm/segments/{segmentId}: replaces name and filter; after another filter a job finds the members anew. */
export const handler = serve(route, ({ params, body, act, ifMatch }) =>
  untilUndisturbed(async () => {
    const { segment: before, state } = await getSegmentWithState(act.tenant, params.segmentId);
    requireVersion(ifMatch, before.version);
    const after = replaceSegment(act, before, state, body);
    const view = segmentView(after, state);
    const event = segmentEvent(act, 'SegmentUpdated', view, segmentView(before, state));
    await changeSegment(act, before, after, event);
    return ok(view);
  }),
);
