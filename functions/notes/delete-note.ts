import { deleteNote } from '../../lib/contract/notes.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { requireChangeable } from '../../lib/domain/note.ts';
import { noteEvent } from '../../lib/domain/occurrence.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';
import { getNote, removeNote } from '../../lib/table/notes.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** DELETE /crm/clients/{clientId}/notes/{noteId}: removes a note. */
export const handler = serve(deleteNote, ({ params: { clientId, noteId }, act, caller, ifMatch }) =>
  untilUndisturbed(async () => {
    const before = await getNote(act.tenant, clientId, noteId, caller.userId);
    requireChangeable(before, caller);
    requireVersion(ifMatch, before.version);
    await removeNote(act.tenant, clientId, before, noteEvent(act, 'NoteDeleted', before));
    return noContent();
  }),
);
