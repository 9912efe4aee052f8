import { ClientSchema } from '../lib/contract/clients.ts';
import { CustomFieldSchema, type CustomField } from '../lib/contract/custom-fields.ts';
import { pageOf } from '../lib/contract/route.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { eventOf } from './support/events.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';
const PATH = '/crm/custom-fields';
type Fields = Readonly<Record<string, unknown>>;

const define = async (tenant: Tenant, fields: Fields): Promise<CustomField> =>
  read(await tenant.admin.post(PATH, fields), 201, CustomFieldSchema);
const at = ({ id }: Pick<CustomField, 'id'>): string => `${PATH}/${id}`;
const get = async (tenant: Tenant, field: CustomField): Promise<CustomField> =>
  read(await tenant.admin.get(at(field)), 200, CustomFieldSchema);
const namesOf = async (tenant: Tenant) =>
  read(await tenant.admin.get(PATH), 200, pageOf(CustomFieldSchema)).items.map(({ name }) => name);

describe('defining a custom field', () => {
  it('gives it a name, a type and a label', async () => {
    const tenant = await openTenant();
    const answer = await tenant.admin.post(PATH, { name: 'size', label: 'Size', type: 'choice', choices: ['S', 'M'] });
    const field = read(answer, 201, CustomFieldSchema);
    expect(field).toMatchObject({ name: 'size', label: 'Size', type: 'choice', choices: ['S', 'M'] });
    expect(field).toMatchObject({ retired: false, used: false, version: 1 });
    expect(answer.headers.get('location')).toBe(at(field));
    expect(await get(tenant, field)).toEqual(field);
    await define(tenant, { name: 'born', type: 'date' });
    expect(await namesOf(tenant)).toEqual(['born', 'size']);
    expect(await eventOf(tenant.id, 'CustomFieldCreated', field.id)).toMatchObject({ data: field });
  });

  it('takes a name once, whatever its case, also when several do it at once', async () => {
    const tenant = await openTenant();
    const names = ['Size', 'size', 'SIZE', 'siZe'];
    const answers = await Promise.all(names.map((name) => tenant.admin.post(PATH, { name, type: 'text' })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      problemOf(answer, 409, 'custom-field.duplicate');
    expect(await namesOf(tenant)).toHaveLength(1);
  });

  it('stops at 50, and goes on after one was removed', async () => {
    const tenant = await openTenant();
    const fields: CustomField[] = [];
    for (let batch = 0; batch < 49; batch += 7) {
      const names = Array.from({ length: 7 }, (_, index) => `field-${batch + index}`);
      fields.push(...(await Promise.all(names.map((name) => define(tenant, { name, type: 'text' })))));
    }
    const last = await Promise.all(['x', 'y', 'z'].map((name) => tenant.admin.post(PATH, { name, type: 'text' })));
    expect(last.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of last.filter(({ status }) => status !== 201)) problemOf(answer, 422, 'custom-field.limit');
    expect(await namesOf(tenant)).toHaveLength(50);
    const [first] = fields;
    expect(first && (await tenant.admin.delete(at(first))).status).toBe(204);
    await define(tenant, { name: 'w', type: 'text' });
  });

  it.each([
    [{ name: 'size' }, '/type'],
    [{ name: 'size', type: 'colour' }, '/type'],
    [{ name: '', type: 'text' }, '/name'],
    [{ name: 'x'.repeat(65), type: 'text' }, '/name'],
    [{ name: 'constructor', type: 'text' }, '/name'],
    [{ name: 'size', type: 'choice' }, '/choices'],
    [{ name: 'size', type: 'choice', choices: ['M', 'm'] }, '/choices'],
    [{ name: 'size', type: 'text', choices: ['M'] }, '/choices'],
    [{ name: 'size', type: 'text', used: true }, '/used'],
  ])('as %j is refused, pointing at %s', async (body, pointer) => {
    const tenant = await openTenant();
    expect(pointersOf(problemOf(await tenant.admin.post(PATH, body), 400, 'request.invalid'))).toEqual([pointer]);
    expect(await namesOf(tenant)).toEqual([]);
  });

  it('is for admins; agents may read', async () => {
    const tenant = await openTenant();
    const field = await define(tenant, { name: 'size', type: 'text' });
    const agent = await tenant.as('agent');
    expect(read(await agent.get(at(field)), 200, CustomFieldSchema)).toEqual(field);
    expect((await agent.get(PATH)).status).toBe(200);
    problemOf(await agent.post(PATH, { name: 'x', type: 'text' }), 403, 'permission.missing');
    problemOf(await (await tenant.as('manager')).delete(at(field)), 403, 'permission.missing');
  });

  it('is nothing to another tenant', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const field = await define(tenant, { name: 'size', type: 'number' });
    expect(await namesOf(other)).toEqual([]);
    for (const path of [at(field), `${PATH}/${ABSENT}`, `${PATH}/x`]) {
      problemOf(await other.admin.get(path), 404, 'resource.not-found');
      problemOf(await other.admin.put(path, { type: 'text' }), 404, 'resource.not-found');
      problemOf(await other.admin.delete(path), 404, 'resource.not-found');
    }
    await other.addClient({ customFields: { size: 'any' } });
  });
});

describe('a client', () => {
  it('has values of the defined types, and free ones under other names', async () => {
    const tenant = await openTenant();
    await define(tenant, { name: 'visits', type: 'number' });
    await define(tenant, { name: 'since', type: 'date' });
    await define(tenant, { name: 'a/b', type: 'choice', choices: ['yes'] });
    const wrong = { visits: 'many', since: '2026-02-30', 'a/b': 'no', free: 'any' };
    const create = await tenant.admin.post('/crm/clients', { firstName: 'Olim', customFields: wrong });
    const pointers = ['/customFields/visits', '/customFields/since', '/customFields/a~1b'];
    expect(pointersOf(problemOf(create, 400, 'request.invalid'))).toEqual(pointers);
    const right = { visits: 3, since: '2026-02-28', 'a/b': 'yes', free: true };
    const client = await tenant.addClient({ customFields: right });
    expect(client.customFields).toEqual(right);
    const path = `/crm/clients/${client.id}`;
    const replace = await tenant.admin.put(path, { firstName: 'Olim', customFields: { visits: false } });
    expect(pointersOf(problemOf(replace, 400, 'request.invalid'))).toEqual(['/customFields/visits']);
    expect(read(await tenant.admin.get(path), 200, ClientSchema)).toEqual(client);
  });

  it('keeps a value that is older than what is defined, until it changes', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient({ customFields: { size: 'huge' } });
    const field = await define(tenant, { name: 'size', type: 'number' });
    const put = (size: unknown) =>
      tenant.admin.put(`/crm/clients/${id}`, { firstName: 'Olim', customFields: { size } });
    expect((await put('huge')).status).toBe(200);
    problemOf(await put('larger'), 400, 'request.invalid');
    expect((await get(tenant, field)).used).toBe(false);
    expect((await put(44)).status).toBe(200);
    problemOf(await put('huge'), 400, 'request.invalid');
    expect((await get(tenant, field)).used).toBe(true);
  });
});

describe('changing a custom field', () => {
  it('is free until a client has a value in it; then its type and choices stay', async () => {
    const tenant = await openTenant();
    const field = await define(tenant, { name: 'size', type: 'text' });
    const choice = { type: 'choice', choices: ['S', 'M'] };
    const changed = read(await tenant.admin.put(at(field), { ...choice, label: 'Size' }), 200, CustomFieldSchema);
    expect(changed).toMatchObject({ ...choice, label: 'Size', name: 'size', version: 2 });
    expect(await eventOf(tenant.id, 'CustomFieldUpdated', field.id)).toMatchObject({ previous: { type: 'text' } });
    await tenant.addClient({ customFields: { size: 'M' } });
    expect(await get(tenant, field)).toMatchObject({ used: true, version: 2 });
    for (const refused of [{ type: 'text' }, { type: 'choice', choices: ['M'] }]) {
      problemOf(await tenant.admin.put(at(field), refused), 409, 'custom-field.in-use');
    }
    problemOf(await tenant.admin.delete(at(field)), 409, 'custom-field.in-use');
    const more = await tenant.admin.put(at(field), { type: 'choice', choices: ['S', 'M', 'L'] });
    expect(read(more, 200, CustomFieldSchema)).toMatchObject({ label: 'size', version: 3 });
    await tenant.addClient({ customFields: { size: 'L' } });
  });

  it('that somebody changed meanwhile is refused as stale', async () => {
    const tenant = await openTenant();
    const field = await define(tenant, { name: 'size', type: 'text' });
    const stale = { 'if-match': '"1"' };
    expect((await tenant.admin.put(at(field), { type: 'number' }, stale)).status).toBe(200);
    problemOf(await tenant.admin.put(at(field), { type: 'date' }, stale), 412, 'version.stale');
    problemOf(await tenant.admin.delete(at(field), stale), 412, 'version.stale');
    expect((await tenant.admin.delete(at(field), { 'if-match': '"2"' })).status).toBe(204);
    await eventOf(tenant.id, 'CustomFieldDeleted', field.id);
    problemOf(await tenant.admin.get(at(field)), 404, 'resource.not-found');
    await define(tenant, { name: 'size', type: 'date' });
  });

  it('and using it at once never leaves a value of another type', async () => {
    for (let round = 0; round < 5; round += 1) {
      const tenant = await openTenant();
      const field = await define(tenant, { name: 'size', type: 'text' });
      const [changed, ...made] = await Promise.all([
        tenant.admin.put(at(field), { type: 'number' }),
        ...['a', 'b', 'c'].map((size) =>
          tenant.admin.post('/crm/clients', { firstName: 'Olim', customFields: { size } }),
        ),
      ]);
      const { type, used } = await get(tenant, field);
      const stored = made.filter(({ status }) => status === 201);
      expect([200, 409]).toContain(changed.status);
      if (type === 'number') expect({ stored, used }).toEqual({ stored: [], used: false });
      else
        expect({ stored: stored.length, used, changed: changed.status }).toEqual({
          stored: 3,
          used: true,
          changed: 409,
        });
    }
  });

  it('and removing it at once never leaves a value that counts for nothing', async () => {
    const tenant = await openTenant();
    const field = await define(tenant, { name: 'size', type: 'text' });
    const [removed, made] = await Promise.all([
      tenant.admin.delete(at(field)),
      tenant.admin.post('/crm/clients', { firstName: 'Olim', customFields: { size: 'M' } }),
    ]);
    expect(made.status).toBe(201);
    if (removed.status === 204) expect(await namesOf(tenant)).toEqual([]);
    else {
      problemOf(removed, 409, 'custom-field.in-use');
      expect((await get(tenant, field)).used).toBe(true);
    }
  });
});

describe('a retired custom field', () => {
  it('keeps the values that there are, and takes no others until it is in service again', async () => {
    const tenant = await openTenant();
    const field = await define(tenant, { name: 'size', type: 'text' });
    const { id } = await tenant.addClient({ customFields: { size: 'M' } });
    const retired = read(await tenant.admin.put(at(field), { type: 'text', retired: true }), 200, CustomFieldSchema);
    expect(retired).toMatchObject({ retired: true, used: true });
    expect(await eventOf(tenant.id, 'CustomFieldRetired', field.id)).toMatchObject({ previous: { retired: false } });
    const put = (customFields: Fields) => tenant.admin.put(`/crm/clients/${id}`, { firstName: 'Olim', customFields });
    expect((await put({ size: 'M' })).status).toBe(200);
    expect(pointersOf(problemOf(await put({ size: 'L' }), 400, 'request.invalid'))).toEqual(['/customFields/size']);
    const create = await tenant.admin.post('/crm/clients', { firstName: 'Ana', customFields: { size: 'M' } });
    problemOf(create, 400, 'request.invalid');
    expect((await put({})).status).toBe(200);
    problemOf(await put({ size: 'M' }), 400, 'request.invalid');
    expect((await tenant.admin.put(at(field), { type: 'text' })).status).toBe(200);
    expect((await put({ size: 'M' })).status).toBe(200);
  });
});
