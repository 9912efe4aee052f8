import { ClientSchema } from '../lib/contract/clients.ts';
import { SettingsSchema } from '../lib/contract/settings.ts';
import { first, pointersOf, problemOf, read } from './support/answers.ts';
import { newPhone, unique } from './support/random.ts';
import { ClientsSchema, openTenant, readAll } from './support/tenant.ts';

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('a client', () => {
  it('is created with all of its fields and found again', async () => {
    const { admin } = await openTenant();
    const phone = newPhone();
    const profile = {
      firstName: 'Gulnora',
      lastName: 'Toʻxtayeva',
      middleName: 'Karimovna',
      phone,
      email: 'gulnora@example.com',
      preferredTransport: 'telegram',
      address: 'Amir Temur 1, Toshkent',
      dateOfBirth: '1990-05-17',
      gender: 'female',
      passportId: 'AA1234567',
      pin: '31705900000001',
      comments: 'Prefers mornings',
      tags: ['vip', 'wholesale'],
      customFields: { size: 'M', loyal: true, visits: 3 },
    };
    const answer = await admin.post('/crm/clients', {
      ...profile,
      contacts: [{ type: 'email', value: 'Second@Example.com' }],
    });
    const client = read(answer, 201, ClientSchema);
    expect(client).toMatchObject({ ...profile, version: 1 });
    expect(client.id).toMatch(uuidV7);
    expect(client.createdAt).toBe(client.updatedAt);
    expect(client.contacts).toMatchObject([{ type: 'email', value: 'second@example.com', optedOut: false }]);
    expect(answer.headers.get('location')).toBe(`/crm/clients/${client.id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    const found = await admin.get(`/crm/clients/${client.id}`);
    expect(read(found, 200, ClientSchema)).toEqual(client);
    expect(found.headers.get('etag')).toBe('"1"');
  });

  it('needs nothing but a first name', async () => {
    const tenant = await openTenant();
    const client = await tenant.addClient({ firstName: 'Madonna' });
    expect(client).toMatchObject({ firstName: 'Madonna', lastName: null, phone: null, tags: [], contacts: [] });
  });

  it('is replaced as a whole: what is left out is emptied, and contacts and tags stay', async () => {
    const tenant = await openTenant();
    const before = await tenant.addClient({
      lastName: 'Karimov',
      comments: 'old',
      tags: ['vip'],
      contacts: [{ type: 'email', value: 'olim@example.com' }],
    });
    const answer = await tenant.admin.put(`/crm/clients/${before.id}`, { firstName: 'Olimjon', comments: 'new' });
    const after = read(answer, 200, ClientSchema);
    expect(after).toMatchObject({ firstName: 'Olimjon', lastName: null, comments: 'new', tags: ['vip'], version: 2 });
    expect(after.contacts).toEqual(before.contacts);
    expect(after.updatedAt >= before.updatedAt).toBe(true);
    expect(answer.headers.get('etag')).toBe('"2"');
  });

  it('is not replaced over a version that the caller has not seen', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const path = `/crm/clients/${id}`;
    read(await tenant.admin.put(path, { firstName: 'First' }, { 'if-match': '"1"' }), 200, ClientSchema);
    problemOf(await tenant.admin.put(path, { firstName: 'Second' }, { 'if-match': '"1"' }), 412, 'version.stale');
    problemOf(await tenant.admin.put(path, { firstName: 'Third' }, { 'if-match': 'W/"2"' }), 412, 'version.stale');
    problemOf(await tenant.admin.put(path, { firstName: 'Third' }, { 'if-match': 'two' }), 400, 'request.malformed');
    problemOf(await tenant.admin.delete(path, { 'if-match': '"1"' }), 412, 'version.stale');
    expect(read(await tenant.admin.get(path), 200, ClientSchema)).toMatchObject({ firstName: 'First', version: 2 });
    read(await tenant.admin.put(path, { firstName: 'Fourth' }, { 'if-match': '*' }), 200, ClientSchema);
  });

  it('has the same bodies under the second address', async () => {
    const tenant = await openTenant();
    const { admin } = tenant;
    const made = read(await admin.post('/api/customers', { firstName: 'Sardor' }), 201, ClientSchema);
    expect((await admin.get(`/crm/clients/${made.id}`)).body).toEqual(made);
    expect((await admin.get(`/api/customers/${made.id}`)).body).toEqual(made);
    expect((await admin.get('/api/customers')).body).toEqual((await admin.get('/crm/clients')).body);
    read(await admin.put(`/api/customers/${made.id}`, { firstName: 'Sardorbek' }), 200, ClientSchema);
    const contact = await admin.post(`/api/customers/${made.id}/contacts`, { type: 'other', value: 'A' });
    expect(contact.status).toBe(201);
    expect((await admin.get(`/api/customers/${made.id}/contacts`)).body).toMatchObject({ items: [contact.body] });
    expect((await admin.delete(`/api/customers/${made.id}`)).status).toBe(204);
    problemOf(await admin.get(`/crm/clients/${made.id}`), 404, 'resource.not-found');
    read(await admin.post(`/api/customers/${made.id}/restore`), 200, ClientSchema);
  });

  it.each([
    ['no first name', { lastName: 'Karimov' }, '/firstName'],
    ['a blank first name', { firstName: '  ' }, '/firstName'],
    ['a phone that is none', { firstName: 'Olim', phone: '12' }, '/phone'],
    ['an e-mail that is none', { firstName: 'Olim', email: 'olim@' }, '/email'],
    ['a date that does not exist', { firstName: 'Olim', dateOfBirth: '1990-02-30' }, '/dateOfBirth'],
    ['a gender that is none', { firstName: 'Olim', gender: 'm' }, '/gender'],
    ['a number that cannot be kept', { firstName: 'Olim', customFields: { size: 1e40 } }, '/customFields/size'],
    ['a number too small to be kept', { firstName: 'Olim', customFields: { size: 1e-200 } }, '/customFields/size'],
    ['an unknown field', { firstName: 'Olim', nickname: 'O' }, '/nickname'],
    [
      'an unknown field of a contact',
      { firstName: 'Olim', contacts: [{ type: 'other', value: 'A', x: 1 }] },
      '/contacts/0/x',
    ],
    ['a contact that is none', { firstName: 'Olim', contacts: [{ type: 'email', value: 'A' }] }, '/contacts/0/value'],
    [
      'one contact twice',
      { firstName: 'Olim', phone: '+998901112233', contacts: [{ type: 'whatsapp', value: '+998901112233' }] },
      '/contacts/0',
    ],
  ])('is refused with %s', async (_, body, pointer) => {
    const { admin } = await openTenant();
    expect(pointersOf(problemOf(await admin.post('/crm/clients', body), 400, 'request.invalid'))).toEqual([pointer]);
    expect(read(await admin.get('/crm/clients'), 200, ClientsSchema).items).toEqual([]);
  });

  it('is not yet unborn', async () => {
    const tenant = await openTenant();
    const unborn = { firstName: 'Olim', dateOfBirth: '2999-01-01' };
    problemOf(await tenant.admin.post('/crm/clients', unborn), 422, 'client.unborn');
    const { id } = await tenant.addClient();
    problemOf(await tenant.admin.put(`/crm/clients/${id}`, unborn), 422, 'client.unborn');
  });

  it('cannot be given contacts and tags through its profile', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const answer = await tenant.admin.put(`/crm/clients/${id}`, { firstName: 'Olim', contacts: [], tags: [], id });
    expect(pointersOf(problemOf(answer, 400, 'request.invalid'))).toEqual(['/contacts', '/tags', '/id']);
  });
});

describe('a phone number', () => {
  it('without a country is from the country in the settings', async () => {
    const tenant = await openTenant();
    const { admin } = tenant;
    const local = newPhone().slice(4);
    problemOf(await admin.post('/crm/clients', { firstName: 'Olim', phone: local }), 400, 'request.invalid');
    expect((await admin.get('/crm/settings')).body).toMatchObject({ defaultCountry: null, version: 1 });
    const saved = await admin.put('/crm/settings', { defaultCountry: 'UZ' }, { 'if-match': '"1"' });
    expect(read(saved, 200, SettingsSchema)).toMatchObject({ defaultCountry: 'UZ', version: 2 });
    const written = `${local.slice(0, 2)} ${local.slice(2, 5)}-${local.slice(5, 7)}-${local.slice(7)}`;
    expect((await tenant.addClient({ phone: written })).phone).toBe(`+998${local}`);
    const contacts = [{ type: 'whatsapp', value: '(90) 123 45 67' }];
    expect(first((await tenant.addClient({ contacts })).contacts).value).toBe('+998901234567');
    expect((await tenant.addClient({ phone: '0044 20 7946 0123' })).phone).toBe('+442079460123');
  });

  it('is in the settings refused for a country that is none', async () => {
    const { admin } = await openTenant();
    for (const defaultCountry of ['XX', 'uz', 'Uzbekistan']) {
      const problem = problemOf(await admin.put('/crm/settings', { defaultCountry }), 400, 'request.invalid');
      expect(pointersOf(problem)).toEqual(['/defaultCountry']);
    }
    problemOf(await admin.put('/crm/settings', {}, { 'if-match': '"7"' }), 412, 'version.stale');
  });
});

describe('the list of clients', () => {
  it('is newest first, and read to its end by nextCursor', async () => {
    const tenant = await openTenant();
    const ids: string[] = [];
    for (let index = 0; index < 7; index += 1) ids.unshift((await tenant.addClient()).id);
    const { items, pages } = await readAll(tenant.admin, '/crm/clients?limit=3', ClientSchema);
    expect(items.map(({ id }) => id)).toEqual(ids);
    expect(Math.max(...pages)).toBe(3);
    const whole = read(await tenant.admin.get('/crm/clients'), 200, ClientsSchema);
    expect(whole.items).toHaveLength(7);
    expect(whole.nextCursor).toBeNull();
  });

  it('sorts by name without regard to case and accents', async () => {
    const tenant = await openTenant();
    const names = [
      ['Zoé', 'adams'],
      ['Bob', 'Ádams'],
      ['Ann', 'Brown'],
      ['Cher', null],
    ] as const;
    for (const [firstName, lastName] of names) await tenant.addClient({ firstName, lastName });
    const { items } = await readAll(tenant.admin, '/crm/clients?sort=name&limit=2', ClientSchema);
    expect(items.map(({ firstName }) => firstName)).toEqual(['Bob', 'Zoé', 'Ann', 'Cher']);
  });

  it("holds nobody else's clients", async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    await tenant.addClient({ pin: unique('pin') });
    expect(read(await other.admin.get('/crm/clients'), 200, ClientsSchema)).toEqual({ items: [], nextCursor: null });
  });
});
