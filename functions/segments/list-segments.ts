import { listSegments as route } from '../../lib/contract/segments.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listSegments } from '../../lib/table/segments.ts';

/** GET /crm/segments: the tenant's segments, newest first. */
export const handler = serve(route, async ({ query, act }) => ok(await listSegments(act.tenant, query)));
