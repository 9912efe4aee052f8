import { ContactSchema, ClientSchema } from '../lib/contract/clients.ts';
import { pageOf } from '../lib/contract/route.ts';
import { first, pointersOf, problemOf, read } from './support/answers.ts';
import { newPhone } from './support/random.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const ContactsSchema = pageOf(ContactSchema);
const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';

const withClient = async () => {
  const tenant = await openTenant();
  const client = await tenant.addClient();
  return { tenant, client, path: `/crm/clients/${client.id}/contacts` };
};

const contactsOf = async ({ admin }: Tenant, path: string) => read(await admin.get(path), 200, ContactsSchema).items;

describe("a client's contacts", () => {
  it('are added, listed, changed and removed', async () => {
    const { tenant, client, path } = await withClient();
    const { admin } = tenant;
    const added = await admin.post(path, { type: 'telegram', value: '@Olim_K' });
    const contact = read(added, 201, ContactSchema);
    expect(contact).toMatchObject({ type: 'telegram', value: 'olim_k', optedOut: false });
    expect(await contactsOf(tenant, path)).toEqual([contact]);
    expect(read(await admin.get(`/crm/clients/${client.id}`), 200, ClientSchema).contacts).toEqual([contact]);

    const changed = await admin.put(`${path}/${contact.id}`, { type: 'email', value: 'Olim@Example.com' });
    const { id, createdAt } = contact;
    expect(read(changed, 200, ContactSchema)).toMatchObject({
      id,
      createdAt,
      type: 'email',
      value: 'olim@example.com',
    });

    expect((await admin.delete(`${path}/${contact.id}`)).status).toBe(204);
    expect(await contactsOf(tenant, path)).toEqual([]);
    problemOf(await admin.delete(`${path}/${contact.id}`), 404, 'resource.not-found');
  });

  it('are unique in the tenant, and free again once removed or changed', async () => {
    const { tenant, client, path } = await withClient();
    const other = await tenant.addClient();
    const [phone, next] = [newPhone(), newPhone()];
    const mine = read(await tenant.admin.post(path, { type: 'phone', value: phone }), 201, ContactSchema);
    const theirs = `/crm/clients/${other.id}/contacts`;
    const refused = await tenant.admin.post(theirs, { type: 'whatsapp', value: phone });
    expect(problemOf(refused, 409, 'contact.duplicate').clientId).toBe(client.id);
    read(await tenant.admin.put(`${path}/${mine.id}`, { type: 'phone', value: next }), 200, ContactSchema);
    read(await tenant.admin.post(theirs, { type: 'whatsapp', value: phone }), 201, ContactSchema);
    await tenant.admin.delete(`${path}/${mine.id}`);
    read(await tenant.admin.post(theirs, { type: 'phone', value: next }), 201, ContactSchema);
  });

  it('hold each value once', async () => {
    const { tenant, client, path } = await withClient();
    const phone = newPhone();
    read(await tenant.admin.post(path, { type: 'phone', value: phone }), 201, ContactSchema);
    const again = problemOf(
      await tenant.admin.post(path, { type: 'whatsapp', value: phone }),
      409,
      'contact.duplicate',
    );
    expect(again.clientId).toBe(client.id);
  });

  it('are at most 20', async () => {
    const { tenant, path } = await withClient();
    for (let index = 0; index < 20; index += 1) {
      read(await tenant.admin.post(path, { type: 'other', value: `Locker ${index}` }), 201, ContactSchema);
    }
    problemOf(await tenant.admin.post(path, { type: 'other', value: 'Locker 20' }), 422, 'contact.limit');
    expect(await contactsOf(tenant, path)).toHaveLength(20);
  });

  it('are all added when they are added at once', async () => {
    const { tenant, path } = await withClient();
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, index) => tenant.admin.post(path, { type: 'other', value: `Locker ${index}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(await contactsOf(tenant, path)).toHaveLength(5);
  });

  it('do not make a profile stale that is being edited', async () => {
    const { tenant, client, path } = await withClient();
    read(await tenant.admin.post(path, { type: 'other', value: 'Locker 7' }), 201, ContactSchema);
    const profile = await tenant.admin.put(`/crm/clients/${client.id}`, { firstName: 'O' }, { 'if-match': '"1"' });
    expect(first(read(profile, 200, ClientSchema).contacts).value).toBe('Locker 7');
  });

  it.each([
    [{ type: 'email', value: 'no address' }, '/value'],
    [{ type: 'phone', value: 'abc' }, '/value'],
    [{ type: 'fax', value: '1' }, '/type'],
    [{ type: 'other' }, '/value'],
    [{ type: 'other', value: 'A', optedOut: true }, '/optedOut'],
  ])('are refused as %j', async (body, pointer) => {
    const { tenant, path } = await withClient();
    expect(pointersOf(problemOf(await tenant.admin.post(path, body), 400, 'request.invalid'))).toEqual([pointer]);
  });

  it('are nowhere under an id that does not exist', async () => {
    const { tenant, path } = await withClient();
    const { admin } = tenant;
    problemOf(await admin.put(`${path}/${ABSENT}`, { type: 'other', value: 'A' }), 404, 'resource.not-found');
    problemOf(await admin.delete(`${path}/${ABSENT}`), 404, 'resource.not-found');
    problemOf(await admin.get(`/crm/clients/${ABSENT}/contacts`), 404, 'resource.not-found');
    problemOf(await admin.delete(`${path}/nonsense`), 404, 'resource.not-found');
  });
});
