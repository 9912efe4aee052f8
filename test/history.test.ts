import { HistoryEntrySchema, type HistoryEntry } from '../lib/contract/history.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { eventually, type Api } from './support/client.ts';
import { ABSENT, expectMoved, merged, pathOf, undone } from './support/merging.ts';
import { newPhone } from './support/random.ts';
import { openTenant, readAll, type Tenant } from './support/tenant.ts';
import { pageOf } from '../lib/contract/route.ts';

const HistorySchema = pageOf(HistoryEntrySchema);

interface Named {
  readonly id: string;
}

const historyOf = async (reader: Api, { id }: Named, query = ''): Promise<HistoryEntry[]> => {
  const { items } = await readAll(reader, `/crm/clients/${id}/history?limit=100${query}`, HistoryEntrySchema);
  expect(items.map((entry) => entry.id)).toEqual(
    items
      .map((entry) => entry.id)
      .toSorted()
      .toReversed(),
  );
  return items;
};

/** The types of what happened, newest first, as soon as they are these. */
const happened = ({ admin }: Tenant, client: Named, types: readonly string[], query = ''): Promise<HistoryEntry[]> =>
  eventually(async () => {
    const entries = await historyOf(admin, client, query);
    expect(entries.map(({ type }) => type)).toEqual(types);
    return entries;
  });

/** A client with something of each kind, one after the other. */
const withPast = async () => {
  const tenant = await openTenant();
  const { admin } = tenant;
  const phone = newPhone();
  const channel = await tenant.connectTwilio('sms');
  const client = await tenant.addClient({ phone });
  const path = pathOf(client);
  await tenant.receive(channel, { from: phone, text: 'Salom' });
  const sent = await tenant.send(client.id, { text: 'Assalomu alaykum' });
  await admin.post(`${path}/notes`, { text: 'Speaks Uzbek' });
  await admin.put(path, { firstName: 'Olim', lastName: 'Karimov', phone, customFields: { size: 'M' } });
  await admin.post(`${path}/tags`, { tags: ['vip', 'new'] });
  const made = await admin.post(`${path}/interactions`, { subject: 'Call back', type: 'call' });
  expect(made.status).toBe(201);
  return { tenant, client, path, channel, phone, sent, interaction: String(Reflect.get(Object(made.body), 'id')) };
};

const PAST = [
  'InteractionCreated',
  'ClientTagged',
  'ClientUpdated',
  'NoteCreated',
  'MessageQueued',
  'MessageReceived',
  'ChatCreated',
  'ClientCreated',
];

describe('the history of a client', () => {
  it('tells what was said, written, planned and changed, newest first, and who did it', async () => {
    const { tenant, client, sent } = await withPast();
    // The first message and the chat that it opens are made in the same moment.
    const entries = await eventually(async () => {
      const all = await historyOf(tenant.admin, client);
      expect(all.map(({ type }) => type).toSorted()).toEqual(PAST.toSorted());
      return all;
    });
    const of = (type: string) => entries.find((entry) => entry.type === type);
    const ana = { type: 'user', id: 'ana' };
    expect(of('InteractionCreated')).toMatchObject({ kind: 'interaction', actor: ana, summary: 'Call back' });
    expect(of('ClientTagged')).toMatchObject({
      kind: 'tag',
      actor: ana,
      data: { changes: ['vip', 'new'].map((tag) => ({ field: 'tags', from: null, to: tag })) },
    });
    expect(of('ClientUpdated')).toMatchObject({
      kind: 'profile',
      actor: ana,
      summary: 'lastName, customFields.size',
      data: {
        changes: [
          { field: 'lastName', from: null, to: 'Karimov' },
          { field: 'customFields.size', from: null, to: 'M' },
        ],
      },
    });
    expect(of('NoteCreated')).toMatchObject({ kind: 'note', actor: ana, data: { text: 'Speaks Uzbek' } });
    expect(of('MessageQueued')).toMatchObject({ kind: 'message', actor: ana, id: sent.id, data: { id: sent.id } });
    const byClient = { actor: { type: 'client', id: client.id } };
    expect(of('MessageReceived')).toMatchObject({ kind: 'message', summary: 'Salom', ...byClient });
    expect(of('ChatCreated')).toMatchObject({ kind: 'status', ...byClient });
    expect(entries.at(-1)).toMatchObject({ type: 'ClientCreated', kind: 'profile', actor: ana, data: { changes: [] } });
  });

  it('is read by kind, and by page, under both addresses', async () => {
    const { tenant, client, path } = await withPast();
    await happened(tenant, client, ['ClientTagged'], '&kind=tag');
    await happened(tenant, client, ['ClientUpdated', 'ClientCreated'], '&kind=profile');
    await happened(tenant, client, ['ChatCreated'], '&kind=status');
    await happened(tenant, client, ['InteractionCreated', 'NoteCreated'], '&kind=note,interaction');
    await happened(tenant, client, ['MessageQueued', 'MessageReceived'], '&kind=message');
    const all = await historyOf(tenant.admin, client);
    expect(all).toHaveLength(PAST.length);
    for (const limit of [1, 3]) {
      const { items } = await readAll(tenant.admin, `${path}/history?limit=${limit}`, HistoryEntrySchema);
      expect(items).toEqual(all);
    }
    const alias = await tenant.admin.get(`/api/customers/${client.id}/history`);
    expect(read(alias, 200, HistorySchema).items).toEqual(all);
  });

  it('shows a private note to its author alone', async () => {
    const { tenant, client, path } = await withPast();
    await tenant.admin.post(`${path}/notes`, { text: 'Between us', private: true });
    const own = await historyOf(tenant.admin, client, '&kind=note');
    expect(own.map(({ summary }) => summary)).toEqual(['Between us', 'Speaks Uzbek']);
    for (const role of ['admin', 'manager', 'agent'] as const) {
      const other = await historyOf(await tenant.as(role, 'bek'), client, '&kind=note');
      expect(other.map(({ summary }) => summary)).toEqual(['Speaks Uzbek']);
    }
  });

  it('tells of contacts, of what a client allows, and of tags that were taken', async () => {
    const tenant = await openTenant();
    const [channel, phone] = [await tenant.connectTwilio('sms'), newPhone()];
    const client = await tenant.addClient({ phone, tags: ['vip'] });
    const email = { type: 'email', value: 'olim@example.com' };
    await tenant.admin.post(`${pathOf(client)}/contacts`, email);
    await tenant.receive(channel, { from: phone, text: 'STOP' });
    await happened(tenant, client, ['ContactOptedOut', 'ClientUpdated', 'ClientCreated'], '&kind=profile');
    const entries = await historyOf(tenant.admin, client, '&kind=profile');
    expect(entries[1]?.data).toMatchObject({ changes: [{ field: 'contacts', from: null, to: email }] });
    expect(entries[0]).toMatchObject({ actor: { type: 'client', id: client.id } });
  });

  it('tells that an interaction was completed, when it was', async () => {
    const { tenant, client, path, interaction } = await withPast();
    const done = await tenant.admin.patch(`${path}/interactions/${interaction}/complete`, { outcome: 'Reached' });
    expect(done.status).toBe(200);
    const kind = '&kind=interaction';
    const [completed] = await happened(tenant, client, ['InteractionCompleted', 'InteractionCreated'], kind);
    expect(completed).toMatchObject({ summary: 'Call back', data: { id: interaction, outcome: 'Reached' } });
  });

  it('goes on through being deleted and restored', async () => {
    const { tenant, client, path } = await withPast();
    await tenant.admin.delete(path);
    problemOf(await tenant.admin.get(`${path}/history`), 404, 'resource.not-found');
    await tenant.admin.post(`${path}/restore`);
    const types = ['ClientRestored', 'ClientDeleted', 'ClientUpdated', 'ClientCreated'];
    await happened(tenant, client, types, '&kind=profile');
  });

  it('is that of both where two clients were merged, and of each again when that is undone', async () => {
    const { tenant, client, path } = await withPast();
    const survivor = await tenant.addClient();
    const { merge } = await merged(tenant, survivor, client);
    expectMoved(await tenant.admin.get(`${path}/history?limit=5`), `${pathOf(survivor)}/history?limit=5`, survivor);
    const types = ['ClientMerged', 'ClientCreated', 'ClientUpdated', 'ClientCreated'];
    const entries = await happened(tenant, survivor, types, '&kind=profile');
    expect(entries[0]?.data).toEqual({ changes: [], absorbedId: client.id, mergeId: merge.id });
    const said = await historyOf(tenant.admin, survivor, '&kind=message,note,interaction');
    expect(said).toHaveLength(4);
    expect(said.every(({ data }) => 'clientId' in data && data.clientId === survivor.id)).toBe(true);
    await undone(tenant, survivor, merge.id);
    await happened(tenant, survivor, ['ClientUnmerged', 'ClientMerged', 'ClientCreated'], '&kind=profile');
    await happened(tenant, client, ['ClientRestored', 'ClientUpdated', 'ClientCreated'], '&kind=profile');
  });

  it('is not there for another tenant, nor of a client that never was', async () => {
    const { client, path } = await withPast();
    const stranger = await openTenant();
    problemOf(await stranger.admin.get(`${path}/history`), 404, 'resource.not-found');
    problemOf(await stranger.admin.get(`/crm/clients/${ABSENT}/history`), 404, 'resource.not-found');
    expect(client.id).not.toBe(ABSENT);
  });

  it('is refused for a kind that is none, and for a cursor of another list', async () => {
    const { tenant, path } = await withPast();
    for (const kind of ['x', 'note,', '', 'note;tag']) {
      const answer = await tenant.admin.get(`${path}/history?kind=${encodeURIComponent(kind)}`);
      expect(pointersOf(problemOf(answer, 400, 'request.invalid'))[0]).toMatch(/^\/kind/);
    }
    const { nextCursor } = read(await tenant.admin.get(`${path}/history?limit=1`), 200, HistorySchema);
    const cursor = encodeURIComponent(nextCursor ?? '');
    problemOf(await tenant.admin.get(`${path}/history?kind=note&cursor=${cursor}`), 400, 'cursor.invalid');
    const other = await tenant.as('admin', 'bek');
    problemOf(await other.get(`${path}/history?cursor=${cursor}`), 400, 'cursor.invalid');
  });
});
