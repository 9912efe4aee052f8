import { addInteraction } from '../../lib/contract/interactions.ts';
import { isCompletion, newInteraction, showInteraction } from '../../lib/domain/interaction.ts';
import { interactionEvent } from '../../lib/domain/occurrence.ts';
import { created, serve } from '../../lib/runtime/serve.ts';
import { insertInteraction } from '../../lib/table/interactions.ts';

/** POST /crm/clients/{clientId}/interactions: plans an interaction, or logs one that took place. */
export const handler = serve(addInteraction, async ({ params: { clientId }, body, act, caller, remember }) => {
  const interaction = newInteraction(act, clientId, caller.userId, body);
  const shown = showInteraction(interaction, act.now());
  const reply = created(shown, `/crm/clients/${clientId}/interactions/${interaction.id}`);
  const events = [
    interactionEvent(act, 'InteractionCreated', shown),
    ...(isCompletion(interaction) ? [interactionEvent(act, 'InteractionCompleted', shown)] : []),
  ];
  await insertInteraction(act.tenant, interaction, events, remember(reply));
  return reply;
});
