import { getNote as route } from '../../lib/contract/notes.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getNote } from '../../lib/table/notes.ts';

/** GET /crm/clients/{clientId}/notes/{noteId}: one note; a private one is there for its author alone. */
export const handler = serve(route, async ({ params: { clientId, noteId }, act, caller }) =>
  ok({ ...(await getNote(act.tenant, clientId, noteId, caller.userId)), clientId }),
);
