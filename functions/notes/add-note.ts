import { addNote } from '../../lib/contract/notes.ts';
import { newNote } from '../../lib/domain/note.ts';
import { noteEvent } from '../../lib/domain/occurrence.ts';
import { created, serve } from '../../lib/runtime/serve.ts';
import { insertNote } from '../../lib/table/notes.ts';

/** POST /crm/clients/{clientId}/notes: adds a note, public or private. */
export const handler = serve(addNote, async ({ params: { clientId }, body, act, caller, remember }) => {
  const note = newNote(act, clientId, caller, body);
  const reply = created(note, `/crm/clients/${clientId}/notes/${note.id}`);
  await insertNote(act.tenant, note, noteEvent(act, 'NoteCreated', note), remember(reply));
  return reply;
});
