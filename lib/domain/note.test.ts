import { NewNoteSchema, NoteReplacementSchema } from '../contract/notes.ts';
import { RoleSchema, UserIdSchema } from '../contract/vocabulary.ts';
import { buildClient, newAct } from '../../test/support/builders.ts';
import { Failure } from './failure.ts';
import { newNote, replaceNote, requireChangeable, type NoteUser } from './note.ts';
import { noteEvent } from './occurrence.ts';

const act = newAct();
const clientId = buildClient(act).id;
const user = (name: string, role: string): NoteUser => ({
  userId: UserIdSchema.parse(name),
  role: RoleSchema.parse(role),
});
const ana = user('ana', 'agent');

const build = (fields: object = {}) => newNote(act, clientId, ana, NewNoteSchema.parse({ text: 'Secret', ...fields }));
const replacement = (fields: object = {}) => NoteReplacementSchema.parse({ text: 'Another secret', ...fields });

describe('a note', () => {
  it.each([
    ['ana', 'agent', true],
    ['boris', 'agent', false],
    ['boris', 'manager', true],
    ['boris', 'admin', true],
  ])('of ana can be changed by %s, who is %s: %s', (name, role, allowed) => {
    const change = () => {
      requireChangeable(build(), user(name, role));
    };
    if (allowed) expect(change).not.toThrow();
    else expect(change).toThrow(Failure);
  });

  it('is hidden by its author alone', () => {
    const hide = (who: NoteUser) => replaceNote(act, build(), replacement({ private: true }), who);
    expect(hide(ana)).toMatchObject({ private: true, version: 2 });
    expect(() => hide(user('boris', 'admin'))).toThrow(Failure);
  });

  it('stays as open or hidden as it was unless said', () => {
    for (const hidden of [true, false]) {
      expect(replaceNote(act, build({ private: hidden }), replacement(), ana).private).toBe(hidden);
    }
  });
});

describe('an event about a note', () => {
  it.each([
    [true, true],
    [false, true],
  ])('that was private %s and is private %s holds nothing but ids', (was, is) => {
    const before = build({ private: was });
    const after = replaceNote(act, before, replacement({ private: is }), ana);
    const event = noteEvent(act, 'NoteUpdated', after, before);
    expect(event.data).toEqual({ id: before.id, clientId, private: true, authorId: 'ana' });
    expect(Object.keys(event.previous ?? {})).toEqual(was ? [] : ['private']);
    expect(JSON.stringify(event)).not.toMatch(/secret/i);
  });

  it('that is public now tells nothing of what it said before', () => {
    const before = build({ private: true });
    const after = replaceNote(act, before, replacement({ text: 'For all', private: false }), ana);
    const event = noteEvent(act, 'NoteUpdated', after, before);
    expect(event).toMatchObject({ data: { text: 'For all', private: false }, previous: { private: true } });
    expect(JSON.stringify(event)).not.toMatch(/secret/i);
  });
});
