import { getErasure as route } from '../../lib/contract/privacy.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getErasure } from '../../lib/table/erasures.ts';

/** GET /crm/erasures/{erasureId}: the receipt of an erasure. */
export const handler = serve(route, async ({ params, act }) => ok(await getErasure(act.tenant, params.erasureId)));
