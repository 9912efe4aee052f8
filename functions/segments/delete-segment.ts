import { deleteSegment } from '../../lib/contract/segments.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { segmentEvent } from '../../lib/domain/occurrence.ts';
import { segmentView } from '../../lib/domain/segment.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';
import { getSegmentWithState, removeSegment } from '../../lib/table/segments.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** DELETE /crm/segments/{segmentId}: removes the segment at once; a job removes its list of members. */
export const handler = serve(deleteSegment, ({ params, act, ifMatch }) =>
  untilUndisturbed(async () => {
    const { segment, state } = await getSegmentWithState(act.tenant, params.segmentId);
    requireVersion(ifMatch, segment.version);
    await removeSegment(act, segment, segmentEvent(act, 'SegmentDeleted', segmentView(segment, state)));
    return noContent();
  }),
);
