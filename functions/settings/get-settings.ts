import { getSettings as route } from '../../lib/contract/settings.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getSettings } from '../../lib/table/settings.ts';

/** GET /crm/settings: what the tenant has set. */
export const handler = serve(route, async ({ act }) => ok(await getSettings(act.tenant)));
