import { ClientSchema, type Client } from '../lib/contract/clients.ts';
import { NoteSchema } from '../lib/contract/notes.ts';
import { problemOf, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { clientsFound, untilFound } from './support/search.ts';
import { ClientsSchema, openTenant, type Tenant } from './support/tenant.ts';

const search = (q: string, more = '') => `/crm/clients/search?q=${encodeURIComponent(q)}${more}`;

/** Waits until each query finds the client, and nobody else. */
const isFoundBy = async (tenant: Tenant, { id }: Client, queries: readonly string[]): Promise<void> => {
  const [first = '', ...others] = queries;
  await untilFound(() => clientsFound(tenant.admin, first), [id]);
  for (const query of others) expect([query, await clientsFound(tenant.admin, query)]).toEqual([query, [id]]);
};

const isNotFoundBy = async (tenant: Tenant, queries: readonly string[]): Promise<void> => {
  for (const query of queries) expect([query, await clientsFound(tenant.admin, query)]).toEqual([query, []]);
};

describe('a client', () => {
  it('is found by everything that a person may know of it', async () => {
    const tenant = await openTenant();
    const other = await tenant.addClient({ firstName: 'Zebo', phone: '+998931111111', email: 'zebo@example.com' });
    const client = await tenant.addClient({
      firstName: 'Шоҳруҳ',
      lastName: "O'tkirov",
      middleName: 'Ғайратович',
      phone: '+998 90 123 45 67',
      email: 'shoh.otkirov@example.org',
      passportId: 'AA 1234567',
      pin: '32501900012345',
      comments: 'Кечқурун қўнғироқ қилиш керак',
      address: "Chilonzor ko'chasi, 5",
      tags: ['VIP', 'Ulgurji xaridor'],
      customFields: { city: 'Samarqand', debt: 1500, blocked: true },
      contacts: [
        { type: 'telegram', value: '@shoh_uz' },
        { type: 'email', value: 'uy@example.net' },
        { type: 'whatsapp', value: '+998977654321' },
      ],
    });
    await isFoundBy(tenant, client, [
      ...['Shohruh', 'шоҳ', 'sh', 'Oʻtkir', 'Ўткиров', 'otk', "g'ayrat", 'Shohruh Otkirov', 'otkirov ШОҲРУҲ'],
      ...['90123', '4567', '901234567', '+998 90 123', '+998 (90) 123-45-67', '97765', '4321', '90 123 45 67'],
      ...['shoh.otkirov@example.org', 'shoh.otkirov@ex', 'uy@example.net', '@shoh_uz', 'shoh_uz'],
      ...['32501900012345', '3250190', 'AA1234567', 'aa 1234567', 'aa12'],
      ...['vip', 'ulg', 'Xaridor', 'қўнғироқ', "qo'ng'iroq kechqurun", 'chilonzor', 'samarqand', '1500'],
      ...['Shohruh 4567 vip samarqand', 'sh otkirov vip xaridor 4567 qilish samarqand aa'],
    ]);
    await isNotFoundBy(tenant, [
      'ohruh',
      'qo‘ng‘iro',
      'samarq',
      'true',
      '23456',
      'Shohruh Zebo',
      'otkirov@example.org',
    ]);
    expect(await clientsFound(tenant.admin, '998')).toEqual([client.id, other.id]);
  });

  it('is given as it is, to whom may read clients, also under the other address', async () => {
    const tenant = await openTenant();
    const client = await tenant.addClient({ firstName: 'Nilufar', tags: ['vip'] });
    await isFoundBy(tenant, client, ['nilufar']);
    const agent = await tenant.as('agent');
    for (const path of [search('nilu'), search('nilu').replace('/crm/clients', '/api/customers')]) {
      expect(read(await agent.get(path), 200, ClientsSchema)).toEqual({ items: [client], nextCursor: null });
    }
  });

  it('is found a moment after it was written', async () => {
    const tenant = await openTenant();
    const client = await tenant.addClient({ firstName: 'Tezkor' });
    await eventually(async () => expect(await clientsFound(tenant.admin, 'tezkor')).toEqual([client.id]));
  });

  it('is not found by what it was called before, nor once it is deleted; restored, it is', async () => {
    const tenant = await openTenant();
    const client = await tenant.addClient({ firstName: 'Avvalgi', comments: 'eskicha' });
    await isFoundBy(tenant, client, ['avvalgi', 'eskicha']);
    read(await tenant.admin.put(`/crm/clients/${client.id}`, { firstName: 'Keyingi' }), 200, ClientSchema);
    await isFoundBy(tenant, client, ['keyingi']);
    await isNotFoundBy(tenant, ['avvalgi', 'eskicha']);
    expect((await tenant.admin.delete(`/crm/clients/${client.id}`)).status).toBe(204);
    await isNotFoundBy(tenant, ['keyingi']);
    read(await tenant.admin.post(`/crm/clients/${client.id}/restore`), 200, ClientSchema);
    await isFoundBy(tenant, client, ['keyingi']);
  });

  it('is found in its own tenant alone', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const client = await tenant.addClient({ firstName: 'Yagona', phone: '+998901112233' });
    await isFoundBy(tenant, client, ['yagona']);
    await isNotFoundBy(other, ['yagona', '901112233', 'y']);
  });
});

describe('a search for clients', () => {
  it('gives the newest first, by pages, each client once', async () => {
    const tenant = await openTenant();
    const clients: Client[] = [];
    for (let count = 0; count < 12; count += 1) {
      clients.push(await tenant.addClient({ firstName: 'Olim', lastName: count % 3 === 0 ? 'Karimov' : 'Salimov' }));
    }
    const newestFirst = clients.map(({ id }) => id).toReversed();
    await untilFound(() => clientsFound(tenant.admin, 'oli'), newestFirst);
    expect(await clientsFound(tenant.admin, 'olim', 5)).toEqual(newestFirst);
    expect(await clientsFound(tenant.admin, 'olim', 1)).toEqual(newestFirst);
    const karimovs = clients.filter(({ lastName }) => lastName === 'Karimov').map(({ id }) => id);
    expect(await clientsFound(tenant.admin, 'kar olim', 2)).toEqual(karimovs.toReversed());
  });

  it('takes the cursor of the same search alone', async () => {
    const tenant = await openTenant();
    for (const firstName of ['Olim', 'Olima', 'Olimjon']) await tenant.addClient({ firstName });
    const { nextCursor } = await eventually(async () => {
      expect(await clientsFound(tenant.admin, 'olim')).toHaveLength(3);
      return read(await tenant.admin.get(search('olim', '&limit=1')), 200, ClientsSchema);
    });
    const cursor = `&cursor=${encodeURIComponent(nextCursor ?? '')}`;
    expect(read(await tenant.admin.get(search('olim', cursor)), 200, ClientsSchema).items).toHaveLength(2);
    problemOf(await tenant.admin.get(search('oli', cursor)), 400, 'cursor.invalid');
    problemOf(await (await openTenant()).admin.get(search('olim', cursor)), 400, 'cursor.invalid');
    problemOf(await tenant.admin.get(search('olim', '&cursor=x')), 400, 'cursor.invalid');
  });

  it('without a word, with too many, or with what is no search, is refused', async () => {
    const { admin } = await openTenant();
    problemOf(await admin.get('/crm/clients/search'), 400, 'request.invalid');
    problemOf(await admin.get(search('   ')), 400, 'request.invalid');
    problemOf(await admin.get(search('a'.repeat(201))), 400, 'request.invalid');
    problemOf(await admin.get(search('olim', '&sort=name')), 400, 'request.invalid');
    problemOf(await admin.get(search('olim', '&limit=0')), 400, 'request.invalid');
    problemOf(await admin.get(search('?!')), 422, 'search.empty');
    problemOf(await admin.get(search('a b c d e f g h i')), 422, 'search.limit');
  });
});

describe('a note', () => {
  const addNote = async (tenant: Tenant, { id }: Client, fields: Record<string, unknown>, as = tenant.admin) =>
    read(await as.post(`/crm/clients/${id}/notes`, fields), 201, NoteSchema);

  it('leads to its client, once, however many do', async () => {
    const tenant = await openTenant();
    const [first, second] = [await tenant.addClient(), await tenant.addClient({ comments: 'shikoyat' })];
    for (const text of ['Shikoyat qildi', 'Yana shikoyat qildi']) {
      await addNote(tenant, first, { text });
      await addNote(tenant, second, { text });
    }
    await untilFound(() => clientsFound(tenant.admin, 'yana shikoyat'), [second.id, first.id]);
    for (const limit of [1, 2, 100]) {
      expect(await clientsFound(tenant.admin, 'шикоят', limit)).toEqual([second.id, first.id]);
    }
    // All words have to be in the profile, or all in one note.
    expect(await clientsFound(tenant.admin, 'olim yana')).toEqual([]);
  });

  it('that is private leads its author there, and nobody else, whatever their role', async () => {
    const tenant = await openTenant();
    const client = await tenant.addClient();
    const [author, colleague] = await Promise.all([tenant.as('agent', 'aziz'), tenant.as('agent', 'bobur')]);
    const note = await addNote(tenant, client, { text: 'Maxfiy gap', private: true }, author);
    await untilFound(() => clientsFound(author, 'maxfiy'), [client.id]);
    for (const other of [colleague, tenant.admin, await tenant.as('manager')]) {
      expect(await clientsFound(other, 'maxfiy')).toEqual([]);
    }
    const path = `/crm/clients/${client.id}/notes/${note.id}`;
    read(await author.put(path, { text: 'Ochiq gap', private: false }), 200, NoteSchema);
    await untilFound(() => clientsFound(colleague, 'ochiq'), [client.id]);
    expect(await clientsFound(author, 'maxfiy')).toEqual([]);
    read(await author.put(path, { text: 'Ochiq gap', private: true }), 200, NoteSchema);
    // Before anything is posted anew: what is found is read.
    for (const other of [colleague, tenant.admin]) expect(await clientsFound(other, 'ochiq')).toEqual([]);
    await untilFound(() => clientsFound(author, 'ochiq'), [client.id]);
    for (const other of [colleague, tenant.admin]) expect(await clientsFound(other, 'ochiq')).toEqual([]);
  });

  it('that was changed or removed leads nowhere', async () => {
    const tenant = await openTenant();
    const client = await tenant.addClient();
    const note = await addNote(tenant, client, { text: 'Birinchi gap' });
    await untilFound(() => clientsFound(tenant.admin, 'birinchi'), [client.id]);
    const path = `/crm/clients/${client.id}/notes/${note.id}`;
    read(await tenant.admin.put(path, { text: 'Ikkinchi gap' }), 200, NoteSchema);
    expect(await clientsFound(tenant.admin, 'birinchi')).toEqual([]);
    await untilFound(() => clientsFound(tenant.admin, 'ikkinchi'), [client.id]);
    expect((await tenant.admin.delete(path)).status).toBe(204);
    expect(await clientsFound(tenant.admin, 'ikkinchi gap')).toEqual([]);
  });
});
