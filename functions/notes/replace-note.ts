import { replaceNote as route } from '../../lib/contract/notes.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { replaceNote } from '../../lib/domain/note.ts';
import { noteEvent } from '../../lib/domain/occurrence.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { changeNote, getNote } from '../../lib/table/notes.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** PUT /crm/clients/{clientId}/notes/{noteId}: replaces a note; its author may also hide or show it. */
export const handler = serve(route, ({ params: { clientId, noteId }, body, act, caller, ifMatch }) =>
  untilUndisturbed(async () => {
    const before = await getNote(act.tenant, clientId, noteId, caller.userId);
    const after = replaceNote(act, before, body, caller);
    requireVersion(ifMatch, before.version);
    await changeNote(act.tenant, clientId, before, after, noteEvent(act, 'NoteUpdated', after, before));
    return ok({ ...after, clientId });
  }),
);
