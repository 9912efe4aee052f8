import { completeInteraction as route } from '../../lib/contract/interactions.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { completeInteraction, showInteraction } from '../../lib/domain/interaction.ts';
import { interactionChange } from '../../lib/domain/occurrence.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { editInteraction } from '../../lib/table/interactions.ts';

/** PATCH /crm/clients/{clientId}/interactions/{interactionId}/complete: completes an interaction; the second time is refused. */
export const handler = serve(route, async ({ params: { clientId, interactionId }, body, act, ifMatch }) => {
  const interaction = await editInteraction(act.tenant, clientId, interactionId, (before) => {
    const after = completeInteraction(act, before, body ?? {});
    requireVersion(ifMatch, before.version);
    return { after, event: interactionChange(act, after, before) };
  });
  return ok(showInteraction(interaction, act.now(), clientId));
});
