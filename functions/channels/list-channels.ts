import { listChannels as route } from '../../lib/contract/channels.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listChannels } from '../../lib/table/channels.ts';

/** GET /crm/channels: the tenant's numbers and bots. */
export const handler = serve(route, async ({ query, act }) => ok(await listChannels(act.tenant, query)));
