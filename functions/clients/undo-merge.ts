import { undoMerge as route } from '../../lib/contract/merge.ts';
import { undoMerge, type Unmerged } from '../../lib/messaging/unmerge.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/clients/{clientId}/merge/{mergeId}/undo: makes two clients of one again. */
export const handler = serve(route, async ({ params: { clientId, mergeId }, act, remember }) => {
  const reply = ({ client, restored, merge }: Unmerged) => ok({ ...client, merge, restored });
  return reply(await undoMerge(act, clientId, mergeId, (unmerged) => remember(reply(unmerged))));
});
