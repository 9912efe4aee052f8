import * as z from 'zod';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { ClientIdSchema, InstantSchema, NoteIdSchema, UserIdSchema } from './vocabulary.ts';

export const NoteTypeSchema = z
  .enum(['general', 'call', 'meeting', 'complaint', 'preference', 'other'])
  .meta({ id: 'NoteType' });
export type NoteType = z.infer<typeof NoteTypeSchema>;

const written = {
  text: z.string().trim().min(1).max(5000),
  type: NoteTypeSchema.default('general'),
};

export const NewNoteSchema = z
  .strictObject({
    ...written,
    private: z.boolean().default(false).meta({ description: 'true: nobody but its author ever sees it' }),
  })
  .meta({ id: 'NewNote' });
export type NewNote = z.infer<typeof NewNoteSchema>;

/** Whoever forgets to say so publishes nothing. */
export const NoteReplacementSchema = z
  .strictObject({
    ...written,
    private: z.boolean().optional().meta({ description: 'Stays as it is unless said; only its author may change it' }),
  })
  .meta({ id: 'NoteReplacement' });
export type NoteReplacement = z.infer<typeof NoteReplacementSchema>;

export const NoteSchema = z
  .object({
    id: NoteIdSchema,
    clientId: ClientIdSchema,
    text: z.string(),
    type: NoteTypeSchema,
    private: z.boolean(),
    authorId: UserIdSchema,
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
    version: z.int(),
  })
  .meta({ id: 'Note' });
export type Note = z.infer<typeof NoteSchema>;

const clientPath = z.strictObject({ clientId: ClientIdSchema });
const notePath = z.strictObject({ clientId: ClientIdSchema, noteId: NoteIdSchema });
const tag = 'Notes';

export const listNotes = route({
  id: 'listNotes',
  method: 'GET',
  path: '/crm/clients/{clientId}/notes',
  tag,
  summary: "Lists a client's notes, newest first: the public ones, and your own private ones",
  permission: 'Note.Read',
  params: clientPath,
  query: PageQuerySchema.extend({ type: NoteTypeSchema.optional() }),
  result: pageOf(NoteSchema),
  problems: ['resource.not-found', 'cursor.invalid'],
});

export const addNote = route({
  id: 'addNote',
  method: 'POST',
  path: '/crm/clients/{clientId}/notes',
  tag,
  summary: 'Adds a note about a client',
  permission: 'Note.Create',
  params: clientPath,
  body: NewNoteSchema,
  result: NoteSchema,
  statuses: [201],
  problems: ['resource.not-found'],
  creates: true,
});

export const getNote = route({
  id: 'getNote',
  method: 'GET',
  path: '/crm/clients/{clientId}/notes/{noteId}',
  tag,
  summary: 'Gets a note',
  permission: 'Note.Read',
  params: notePath,
  result: NoteSchema,
  problems: ['resource.not-found'],
});

export const replaceNote = route({
  id: 'replaceNote',
  method: 'PUT',
  path: '/crm/clients/{clientId}/notes/{noteId}',
  tag,
  summary: 'Replaces a note; an agent only its own',
  permission: 'Note.Update',
  params: notePath,
  body: NoteReplacementSchema,
  result: NoteSchema,
  problems: ['resource.not-found', 'note.not-yours', 'version.stale'],
});

export const deleteNote = route({
  id: 'deleteNote',
  method: 'DELETE',
  path: '/crm/clients/{clientId}/notes/{noteId}',
  tag,
  summary: 'Removes a note; an agent only its own',
  permission: 'Note.Delete',
  params: notePath,
  problems: ['resource.not-found', 'note.not-yours', 'version.stale'],
});
