import { getInteraction as route } from '../../lib/contract/interactions.ts';
import { showInteraction } from '../../lib/domain/interaction.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getInteraction } from '../../lib/table/interactions.ts';

/** GET /crm/clients/{clientId}/interactions/{interactionId}: one interaction. */
export const handler = serve(route, async ({ params: { clientId, interactionId }, act }) => {
  const interaction = await getInteraction(act.tenant, clientId, interactionId);
  return ok(showInteraction(interaction, act.now(), clientId));
});
