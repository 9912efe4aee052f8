import { disconnectChannel as route } from '../../lib/contract/channels.ts';
import { disconnectChannel } from '../../lib/messaging/connect.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';

/** DELETE /crm/channels/{channelId}: disconnects a number or a bot; what was said on it stays. */
export const handler = serve(route, async ({ params, act, ifMatch }) => {
  await disconnectChannel(act, params.channelId, ifMatch);
  return noContent();
});
