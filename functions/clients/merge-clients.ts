import { mergeClients as route } from '../../lib/contract/merge.ts';
import { mergeClients, type Merged } from '../../lib/messaging/merge.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/clients/{clientId}/merge: merges another client into this one. */
export const handler = serve(route, async ({ params: { clientId }, body, act, ifMatch, remember }) => {
  const reply = ({ client, merge }: Merged) => ok({ ...client, merge });
  const wish = { survivorId: clientId, absorbedId: body.clientId, prefer: body.prefer };
  return reply(await mergeClients(act, wish, ifMatch, (merged) => remember(reply(merged))));
});
