import { listDueInteractions as route } from '../../lib/contract/interactions.ts';
import { showInteraction } from '../../lib/domain/interaction.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listDueInteractions } from '../../lib/table/interactions.ts';

/** GET /crm/interactions: what is planned with all clients and not completed, earliest due first. */
export const handler = serve(route, async ({ query: { due, userId, ...page }, act }) => {
  const now = act.now();
  const { items, nextCursor } = await listDueInteractions(act.tenant, { due, userId }, now, page);
  return ok({ items: items.map((each) => showInteraction(each, now)), nextCursor });
});
