import { listNotes as route } from '../../lib/contract/notes.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listNotes } from '../../lib/table/notes.ts';

/** GET /crm/clients/{clientId}/notes: a client's public notes and the caller's own private ones, newest first. */
export const handler = serve(route, async ({ params, query: { type, ...page }, act, caller }) =>
  ok(await listNotes(act.tenant, params.clientId, { reader: caller.userId, type }, page)),
);
