import { getChannel as route } from '../../lib/contract/channels.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getChannel } from '../../lib/table/channels.ts';

/** GET /crm/channels/{channelId}: one channel, without its credentials. */
export const handler = serve(route, async ({ params, act }) => ok(await getChannel(act.tenant, params.channelId)));
