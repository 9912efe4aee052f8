import { listInteractions as route } from '../../lib/contract/interactions.ts';
import { showInteraction } from '../../lib/domain/interaction.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listInteractions } from '../../lib/table/interactions.ts';

/** GET /crm/clients/{clientId}/interactions: a client's interactions, newest first. */
export const handler = serve(route, async ({ params: { clientId }, query, act }) => {
  const { items, nextCursor } = await listInteractions(act.tenant, clientId, query);
  return ok({ items: items.map((each) => showInteraction(each, act.now(), clientId)), nextCursor });
});
