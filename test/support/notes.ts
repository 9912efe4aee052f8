import { NoteSchema, type Note } from '../../lib/contract/notes.ts';
import { pageOf } from '../../lib/contract/route.ts';
import { read } from './answers.ts';
import type { Api } from './client.ts';
import { openTenant } from './tenant.ts';

export const NotesSchema = pageOf(NoteSchema);

/** A client, and where its notes are. */
export const withNotes = async () => {
  const tenant = await openTenant();
  const { id } = await tenant.addClient();
  return { tenant, clientId: id, path: `/crm/clients/${id}/notes` };
};

export const addNote = async (author: Api, path: string, fields: object = {}): Promise<Note> =>
  read(await author.post(path, { text: 'Likes tea', ...fields }), 201, NoteSchema);

export const textsOf = async (reader: Api, path: string): Promise<string[]> =>
  read(await reader.get(path), 200, NotesSchema).items.map(({ text }) => text);
