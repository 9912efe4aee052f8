import { HistoryKindSchema, listHistory as route } from '../../lib/contract/history.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listHistory } from '../../lib/table/history.ts';

/** GET /crm/clients/{clientId}/history: what happened with a client, newest first. */
export const handler = serve(route, async ({ params: { clientId }, query: { kind, ...page }, act, caller }) => {
  const filter = { kinds: kind ?? HistoryKindSchema.options, reader: caller.userId, now: act.now() };
  return ok(await listHistory(act.tenant, clientId, filter, page));
});
