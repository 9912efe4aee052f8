import { connectChannel as route, type Channel } from '../../lib/contract/channels.ts';
import { connectChannel } from '../../lib/messaging/connect.ts';
import { created, serve } from '../../lib/runtime/serve.ts';
import { holdKey, releaseKey } from '../../lib/table/idempotency.ts';

/** POST /crm/channels: connects a number or a bot; the provider has to agree. */
export const handler = serve(route, async ({ body, act, once, remember }) => {
  const reply = (channel: Channel) => created(channel, `/crm/channels/${channel.id}`);
  const channel = await connectChannel(act, body, {
    hold: holdKey(act.tenant, once),
    release: releaseKey(act.tenant, once),
    remember: (connected) => remember(reply(connected)),
  });
  return reply(channel);
});
