import { NoteSchema } from '../lib/contract/notes.ts';
import { first, pointersOf, problemOf, read } from './support/answers.ts';
import { eventOf } from './support/events.ts';
import { ABSENT, expectMoved, merged } from './support/merging.ts';
import { unique } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, readAll } from './support/tenant.ts';
import { addNote, NotesSchema, textsOf, withNotes } from './support/notes.ts';

describe('a note', () => {
  it('is added, read, replaced and removed', async () => {
    const { tenant, clientId, path } = await withNotes();
    const { admin } = tenant;
    const made = await admin.post(path, { text: '  Likes tea ' });
    const note = read(made, 201, NoteSchema);
    const expected = { clientId, text: 'Likes tea', type: 'general', private: false, authorId: 'ana', version: 1 };
    expect(note).toMatchObject(expected);
    expect(made.headers.get('location')).toBe(`${path}/${note.id}`);
    expect(read(await admin.get(`${path}/${note.id}`), 200, NoteSchema)).toEqual(note);

    const headers = { 'if-match': '"1"' };
    const changed = await admin.put(`${path}/${note.id}`, { text: 'Likes coffee', type: 'preference' }, headers);
    const { id, createdAt } = note;
    const replaced = read(changed, 200, NoteSchema);
    expect(replaced).toMatchObject({ id, createdAt, text: 'Likes coffee', type: 'preference', version: 2 });
    problemOf(await admin.put(`${path}/${note.id}`, { text: 'Late' }, headers), 412, 'version.stale');
    problemOf(await admin.delete(`${path}/${note.id}`, headers), 412, 'version.stale');
    expect(read(await admin.get(path), 200, NotesSchema).items).toEqual([replaced]);

    expect((await admin.delete(`${path}/${note.id}`)).status).toBe(204);
    problemOf(await admin.get(`${path}/${note.id}`), 404, 'resource.not-found');
    problemOf(await admin.delete(`${path}/${note.id}`), 404, 'resource.not-found');
    expect(await textsOf(admin, path)).toEqual([]);
  });

  it('is found under the second address as well', async () => {
    const { tenant, clientId, path } = await withNotes();
    const second = `/api/customers/${clientId}/notes`;
    const note = await addNote(tenant.admin, second);
    expect(read(await tenant.admin.get(`${path}/${note.id}`), 200, NoteSchema)).toEqual(note);
    expect(read(await tenant.admin.get(second), 200, NotesSchema).items).toEqual([note]);
  });

  it.each(['general', 'call', 'meeting', 'complaint', 'preference', 'other'])('can be of type %s', async (type) => {
    const { tenant, path } = await withNotes();
    expect(await addNote(tenant.admin, path, { type })).toMatchObject({ type });
  });

  it('is added once for the same Idempotency-Key', async () => {
    const { tenant, path } = await withNotes();
    const headers = { 'idempotency-key': unique('key') };
    const answers = await Promise.all([1, 2, 3].map(() => tenant.admin.post(path, { text: 'Once' }, headers)));
    expect(new Set(answers.map((answer) => read(answer, 201, NoteSchema).id)).size).toBe(1);
    expect(await textsOf(tenant.admin, path)).toEqual(['Once']);
  });

  it.each([
    [{}, '/text'],
    [{ text: ' \n' }, '/text'],
    [{ text: 'x'.repeat(5001) }, '/text'],
    [{ text: 'A', type: 'secret' }, '/type'],
    [{ text: 'A', private: 'yes' }, '/private'],
    [{ text: 'A', authorId: 'boris' }, '/authorId'],
  ])('is refused as %j', async (body, pointer) => {
    const { tenant, path } = await withNotes();
    const { id } = await addNote(tenant.admin, path);
    for (const answer of [await tenant.admin.post(path, body), await tenant.admin.put(`${path}/${id}`, body)]) {
      expect(pointersOf(problemOf(answer, 400, 'request.invalid'))).toEqual([pointer]);
    }
    expect(await textsOf(tenant.admin, path)).toEqual(['Likes tea']);
  });

  it('of another tenant is as one that never was', async () => {
    const [tenant, other] = [await openTenant(), await withNotes()];
    const { id } = await addNote(other.tenant.admin, other.path);
    problemOf(await tenant.admin.get(other.path), 404, 'resource.not-found');
    problemOf(await tenant.admin.post(other.path, { text: 'Mine' }), 404, 'resource.not-found');
    for (const note of [id, ABSENT, 'nonsense']) {
      problemOf(await tenant.admin.get(`${other.path}/${note}`), 404, 'resource.not-found');
      problemOf(await tenant.admin.put(`${other.path}/${note}`, { text: 'Mine' }), 404, 'resource.not-found');
      problemOf(await tenant.admin.delete(`${other.path}/${note}`), 404, 'resource.not-found');
    }
    expect(await textsOf(other.tenant.admin, other.path)).toEqual(['Likes tea']);
  });

  it('is out of reach while its client is deleted, and nothing is added', async () => {
    const { tenant, clientId, path } = await withNotes();
    const { id } = await addNote(tenant.admin, path);
    await tenant.admin.delete(`/crm/clients/${clientId}`);
    const answers = [
      await tenant.admin.get(path),
      await tenant.admin.post(path, { text: 'Late' }),
      await tenant.admin.get(`${path}/${id}`),
      await tenant.admin.put(`${path}/${id}`, { text: 'Late' }),
      await tenant.admin.delete(`${path}/${id}`),
    ];
    for (const answer of answers) problemOf(answer, 404, 'resource.not-found');
    await tenant.admin.post(`/crm/clients/${clientId}/restore`);
    expect(await textsOf(tenant.admin, path)).toEqual(['Likes tea']);
  });

  it('is kept if its author was told so, also when its client is deleted at the same moment', async () => {
    const { tenant, clientId, path } = await withNotes();
    const adding = Array.from({ length: 8 }, (_, index) => tenant.admin.post(path, { text: `Note ${index}` }));
    const [deleted, ...answers] = await Promise.all([tenant.admin.delete(`/crm/clients/${clientId}`), ...adding]);
    expect(deleted.status).toBe(204);
    const added = answers.filter(({ status }) => status === 201);
    for (const answer of answers) if (answer.status !== 201) problemOf(answer, 404, 'resource.not-found');
    await tenant.admin.post(`/crm/clients/${clientId}/restore`);
    expect(await textsOf(tenant.admin, path)).toHaveLength(added.length);
  });

  it('that two replace at once becomes what one of them wrote', async () => {
    const { tenant, path } = await withNotes();
    const { id } = await addNote(tenant.admin, path);
    const headers = { 'if-match': '"1"' };
    const texts = ['One', 'Other'];
    const answers = await Promise.all(texts.map((text) => tenant.admin.put(`${path}/${id}`, { text }, headers)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    const won = texts[answers.findIndex(({ status }) => status === 200)];
    expect(await textsOf(tenant.admin, path)).toEqual([won]);
  });
});

describe('notes', () => {
  it('are listed newest first, page after page, the private among the public', async () => {
    const { tenant, path } = await withNotes();
    for (let index = 0; index < 6; index += 1) {
      await addNote(tenant.admin, path, { text: `Note ${index}`, private: index % 2 === 0 });
    }
    const { items, pages } = await readAll(tenant.admin, `${path}?limit=2`, NoteSchema);
    expect(items.map(({ text }) => text)).toEqual(['Note 5', 'Note 4', 'Note 3', 'Note 2', 'Note 1', 'Note 0']);
    expect(Math.max(...pages)).toBe(2);
  });

  it('are filtered by type', async () => {
    const { tenant, path } = await withNotes();
    const types = ['call', 'general', 'call', 'complaint', 'call'];
    for (const type of types) await addNote(tenant.admin, path, { type, text: type });
    const { items } = await readAll(tenant.admin, `${path}?limit=2&type=call`, NoteSchema);
    expect(items.map(({ type }) => type)).toEqual(['call', 'call', 'call']);
  });

  it('have cursors of their own', async () => {
    const { tenant, path } = await withNotes();
    for (const text of ['One', 'Two']) await addNote(tenant.admin, path, { text });
    const { nextCursor } = read(await tenant.admin.get(`${path}?limit=1`), 200, NotesSchema);
    const cursor = `cursor=${nextCursor ?? ''}`;
    problemOf(await tenant.admin.get(`${path}?type=call&${cursor}`), 400, 'cursor.invalid');
    problemOf(await (await tenant.as('agent')).get(`${path}?${cursor}`), 400, 'cursor.invalid');
  });

  it('of clients that were merged are one list, and are changed where they stand', async () => {
    const tenant = await openTenant();
    const [one, other] = [await tenant.addClient(), await tenant.addClient()];
    const texts: string[] = [];
    for (const [index, { id }] of [one, other, one, other].entries()) {
      await addNote(tenant.admin, `/crm/clients/${id}/notes`, { text: `Note ${index}`, private: index > 1 });
      texts.unshift(`Note ${index}`);
    }
    const client = await tenant.addClient();
    for (const absorbed of [one, other]) await merged(tenant, client, absorbed);
    const survivor = client.id;
    const path = `/crm/clients/${survivor}/notes`;
    const former = `/crm/clients/${one.id}/notes`;
    expectMoved(await tenant.admin.post(former, { text: 'Late' }), path, client);
    expectMoved(await tenant.admin.get(former), path, client);
    await addNote(tenant.admin, path, { text: 'Newest' });
    const { items } = await readAll(tenant.admin, `${path}?limit=2`, NoteSchema);
    expect(items.map(({ text }) => text)).toEqual(['Newest', ...texts]);
    expect(new Set(items.map(({ clientId }) => clientId))).toEqual(new Set([survivor]));
    for (const [index, { id }] of items.entries()) {
      expect(read(await tenant.admin.get(`${path}/${id}`), 200, NoteSchema)).toEqual(items[index]);
      const changed = await tenant.admin.put(`${path}/${id}`, { text: 'Changed', private: index % 2 === 0 });
      expect(read(changed, 200, NoteSchema)).toMatchObject({ id, clientId: survivor, version: 2 });
    }
    expect(await textsOf(tenant.admin, path)).toEqual(Array.from(items, () => 'Changed'));
    for (const { id } of items) expect((await tenant.admin.delete(`${path}/${id}`)).status).toBe(204);
    expect(await textsOf(tenant.admin, path)).toEqual([]);
  });
});

describe("somebody else's public note", () => {
  it('is read by an agent, who can neither change nor remove it', async () => {
    const { tenant, path } = await withNotes();
    const [boris, vera] = await Promise.all([tenant.as('agent', 'boris'), tenant.as('agent', 'vera')]);
    const { id } = await addNote(boris, path);
    expect(await textsOf(vera, path)).toEqual(['Likes tea']);
    problemOf(await vera.put(`${path}/${id}`, { text: 'Mine' }), 403, 'note.not-yours');
    problemOf(await vera.put(`${path}/${id}`, { text: 'Mine', private: true }), 403, 'note.not-yours');
    problemOf(await vera.delete(`${path}/${id}`), 403, 'note.not-yours');
    read(await boris.put(`${path}/${id}`, { text: 'Likes coffee' }), 200, NoteSchema);
    expect((await boris.delete(`${path}/${id}`)).status).toBe(204);
  });

  it('is changed and removed by managers and admins, who cannot hide it', async () => {
    const { tenant, path } = await withNotes();
    const [boris, manager] = await Promise.all([tenant.as('agent', 'boris'), tenant.as('manager')]);
    const { id } = await addNote(boris, path);
    const changed = read(await manager.put(`${path}/${id}`, { text: 'Likes coffee' }), 200, NoteSchema);
    expect(changed).toMatchObject({ authorId: 'boris', text: 'Likes coffee' });
    for (const leader of [manager, tenant.admin]) {
      problemOf(await leader.put(`${path}/${id}`, { text: 'Mine', private: true }), 403, 'note.not-yours');
    }
    expect((await tenant.admin.delete(`${path}/${id}`)).status).toBe(204);
  });
});

describe('events about notes', () => {
  it('tell what a public one says and said', async () => {
    const { tenant, clientId, path } = await withNotes();
    const note = await addNote(tenant.admin, path);
    const changed = read(await tenant.admin.put(`${path}/${note.id}`, { text: 'Likes coffee' }), 200, NoteSchema);
    await tenant.admin.delete(`${path}/${note.id}`);
    const subject = { type: 'note', id: note.id };
    const created = await eventOf(tenant.id, 'NoteCreated');
    expect(created).toMatchObject({ subject, data: note, actor: { type: 'user', id: 'ana' } });
    const updated = await eventOf(tenant.id, 'NoteUpdated');
    expect(updated).toMatchObject({ subject, data: changed, previous: { text: 'Likes tea', version: 1 } });
    expect(await eventOf(tenant.id, 'NoteDeleted')).toMatchObject({ subject, data: changed });
    const outbox = (await itemsOf(tenant.id)).filter(({ sk }) => sk === `EVENT#${created.id}`);
    expect(first(outbox).pk).toBe(`T#${tenant.id}#CLIENT#${clientId}`);
  });
});
