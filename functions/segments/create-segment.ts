import { createSegment } from '../../lib/contract/segments.ts';
import { segmentEvent } from '../../lib/domain/occurrence.ts';
import { newSegment, segmentView, unbuilt } from '../../lib/domain/segment.ts';
import { created, serve } from '../../lib/runtime/serve.ts';
import { insertSegment } from '../../lib/table/segments.ts';

/** POST /crm/segments: adds a segment; a job finds its members. */
export const handler = serve(createSegment, async ({ body, act, remember }) => {
  const segment = newSegment(act, body);
  const view = segmentView(segment, unbuilt(segment));
  const reply = created(view, `/crm/segments/${segment.id}`);
  await insertSegment(act, segment, segmentEvent(act, 'SegmentCreated', view), remember(reply));
  return reply;
});
