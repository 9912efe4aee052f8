import { replaceChannel as route } from '../../lib/contract/channels.ts';
import { replaceChannel } from '../../lib/messaging/connect.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** PUT /crm/channels/{channelId}: enables, disables or re-keys a channel. */
export const handler = serve(route, async ({ params, body, act, ifMatch }) =>
  ok(await replaceChannel(act, params.channelId, body, ifMatch)),
);
