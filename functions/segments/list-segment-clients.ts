import { listSegmentClients } from '../../lib/contract/segments.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listMembers } from '../../lib/table/segment-members.ts';
import { getSegment } from '../../lib/table/segments.ts';

/** GET /crm/segments/{segmentId}/clients: who belongs to the segment, the newest clients first. */
export const handler = serve(listSegmentClients, async ({ params, query, act }) =>
  ok(await listMembers(act.tenant, await getSegment(act.tenant, params.segmentId), query)),
);
