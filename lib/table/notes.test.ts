import { addClient, newAct } from '../../test/support/builders.ts';
import { NewNoteSchema, NoteReplacementSchema } from '../contract/notes.ts';
import { UserIdSchema } from '../contract/vocabulary.ts';
import { newNote, replaceNote } from '../domain/note.ts';
import { noteEvent } from '../domain/occurrence.ts';
import { changeNote, getNote, insertNote } from './notes.ts';
import { untilUndisturbed } from './transaction.ts';

const ana = { userId: UserIdSchema.parse('ana'), role: 'admin' } as const;

it('a note is there for its author at every moment while it is hidden and shown', async () => {
  const act = newAct();
  const { id: clientId } = await addClient(act);
  const note = newNote(act, clientId, ana, NewNoteSchema.parse({ text: 'Likes tea' }));
  await insertNote(act.tenant, note, noteEvent(act, 'NoteCreated', note), []);
  const find = () => getNote(act.tenant, clientId, note.id, ana.userId);
  const turn = async (): Promise<void> => {
    const before = await find();
    const input = NoteReplacementSchema.parse({ text: 'Likes tea', private: !before.private });
    const after = replaceNote(act, before, input, ana);
    await changeNote(act.tenant, clientId, before, after, noteEvent(act, 'NoteUpdated', after, before));
  };
  const turns = 8;
  const turning = async (): Promise<void> => {
    for (let done = 0; done < turns; done += 1) await untilUndisturbed(turn);
  };
  const reading = async (): Promise<void> => {
    while ((await find()).version < 2 * turns) expect((await find()).id).toBe(note.id);
  };
  await Promise.all([turning(), turning(), ...Array.from({ length: 4 }, reading)]);
  expect((await find()).version).toBe(1 + 2 * turns);
});
