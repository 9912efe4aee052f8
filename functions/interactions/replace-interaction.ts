import { replaceInteraction as route } from '../../lib/contract/interactions.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { replaceInteraction, showInteraction } from '../../lib/domain/interaction.ts';
import { interactionChange } from '../../lib/domain/occurrence.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { editInteraction } from '../../lib/table/interactions.ts';

/** PUT /crm/clients/{clientId}/interactions/{interactionId}: replaces an interaction; what is completed stays so. */
export const handler = serve(route, async ({ params: { clientId, interactionId }, body, act, ifMatch }) => {
  const interaction = await editInteraction(act.tenant, clientId, interactionId, (before) => {
    requireVersion(ifMatch, before.version);
    const after = replaceInteraction(act, before, body);
    return { after, event: interactionChange(act, after, before) };
  });
  return ok(showInteraction(interaction, act.now(), clientId));
});
