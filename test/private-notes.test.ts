import { NoteSchema } from '../lib/contract/notes.ts';
import { problemOf, read } from './support/answers.ts';
import { eventOf, eventsOf } from './support/events.ts';
import { itemsOf } from './support/table.ts';
import { ABSENT } from './support/merging.ts';
import { addNote, textsOf, withNotes } from './support/notes.ts';

describe('a private note', () => {
  it.each(['agent', 'manager', 'admin'] as const)('is there for its author, and for no other %s', async (role) => {
    const { tenant, path } = await withNotes();
    const [author, other] = await Promise.all([tenant.as('agent', 'boris'), tenant.as(role, 'vera')]);
    const note = await addNote(author, path, { text: 'For me', private: true });
    expect(read(await author.get(`${path}/${note.id}`), 200, NoteSchema)).toEqual(note);
    expect(await textsOf(author, path)).toEqual(['For me']);
    expect(await textsOf(other, path)).toEqual([]);
    const at = `${path}/${note.id}`;
    const refused = [await other.get(at), await other.put(at, { text: 'Mine' }), await other.delete(at)];
    for (const answer of refused) {
      const { detail } = problemOf(answer, 404, 'resource.not-found');
      expect(detail).toBe(problemOf(await other.get(`${path}/${ABSENT}`), 404, 'resource.not-found').detail);
    }
    expect(await textsOf(author, path)).toEqual(['For me']);
  });

  it('of a user is not that of one whose name looks like a part of a key', async () => {
    const { tenant, path } = await withNotes();
    const names = ['a', 'a#', 'a%23', 'A'];
    for (const name of names) {
      await addNote(await tenant.as('agent', name), path, { text: `Of ${name}`, private: true });
    }
    for (const name of names) expect(await textsOf(await tenant.as('agent', name), path)).toEqual([`Of ${name}`]);
  });

  it('turns public and private again under the same id', async () => {
    const { tenant, path } = await withNotes();
    const [author, other] = await Promise.all([tenant.as('agent', 'boris'), tenant.as('agent', 'vera')]);
    const { id } = await addNote(author, path, { text: 'Mine', private: true });
    await addNote(author, path, { text: 'Later' });
    const shown = read(await author.put(`${path}/${id}`, { text: 'Ours', private: false }), 200, NoteSchema);
    expect(shown).toMatchObject({ id, private: false, version: 2 });
    expect(await textsOf(other, path)).toEqual(['Later', 'Ours']);
    const hidden = read(await author.put(`${path}/${id}`, { text: 'Mine', private: true }), 200, NoteSchema);
    expect(hidden).toMatchObject({ id, private: true, version: 3 });
    expect(await textsOf(other, path)).toEqual(['Later']);
    problemOf(await other.get(`${path}/${id}`), 404, 'resource.not-found');
    expect(await textsOf(author, path)).toEqual(['Later', 'Mine']);
  });

  it('stays private when it is replaced by one who does not say', async () => {
    const { tenant, path } = await withNotes();
    const { id } = await addNote(tenant.admin, path, { private: true });
    const changed = read(await tenant.admin.put(`${path}/${id}`, { text: 'Still mine' }), 200, NoteSchema);
    expect(changed).toMatchObject({ text: 'Still mine', private: true });
    expect(await textsOf(await tenant.as('manager'), path)).toEqual([]);
  });

  it('is in one place when it is hidden, shown and changed at once', async () => {
    const { tenant, path } = await withNotes();
    const { id } = await addNote(tenant.admin, path);
    const manager = await tenant.as('manager');
    await Promise.all([
      tenant.admin.put(`${path}/${id}`, { text: 'Hidden', private: true }),
      tenant.admin.put(`${path}/${id}`, { text: 'Shown', private: false }),
      tenant.admin.put(`${path}/${id}`, { text: 'Hidden', private: true }),
      manager.put(`${path}/${id}`, { text: 'By the manager' }),
    ]);
    const stored = (await itemsOf(tenant.id)).filter(({ sk }) => /^P?NOTE#/.test(String(sk)));
    expect(stored).toHaveLength(1);
    const note = read(await tenant.admin.get(`${path}/${id}`), 200, NoteSchema);
    expect(await textsOf(manager, path)).toEqual(note.private ? [] : [note.text]);
  });
});

describe('events about a private note', () => {
  it('tell no more than its ids, also when it turns private or public', async () => {
    const { tenant, clientId, path } = await withNotes();
    const { id } = await addNote(tenant.admin, path, { text: 'Secret 1', type: 'complaint', private: true });
    const at = `${path}/${id}`;
    for (const [text, hidden] of [
      ['Secret 2', true],
      ['Told', false],
      ['Secret 3', true],
      ['Told again', false],
      ['Secret 4', true],
    ] as const) {
      read(await tenant.admin.put(at, { text, private: hidden }), 200, NoteSchema);
    }
    await tenant.admin.delete(at);
    const deleted = await eventOf(tenant.id, 'NoteDeleted');
    const ids = { id, clientId, private: true, authorId: 'ana' };
    expect(deleted.data).toEqual(ids);
    expect(deleted.previous).toBeUndefined();
    expect((await eventOf(tenant.id, 'NoteCreated')).data).toEqual(ids);

    const events = (await eventsOf(tenant.id)).filter(({ type }) => type === 'NoteUpdated');
    const told = events.toSorted((one, later) => (one.id < later.id ? -1 : 1));
    expect(told.map(({ data, previous }) => [data, previous])).toEqual([
      [ids, {}],
      [expect.objectContaining({ text: 'Told', private: false }), { private: true }],
      [ids, { private: false }],
      [expect.objectContaining({ text: 'Told again', private: false }), { private: true }],
      [ids, { private: false }],
    ]);
    expect(JSON.stringify(await eventsOf(tenant.id))).not.toContain('Secret');
    const kept = (await itemsOf(tenant.id)).filter(({ sk }) => String(sk).startsWith('EVENT#'));
    expect(JSON.stringify(kept)).not.toContain('Secret');
  });
});
