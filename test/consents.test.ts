import { ContactConsentSchema, type ContactConsent } from '../lib/contract/client-consents.ts';
import { ClientSchema } from '../lib/contract/clients.ts';
import { pageOf } from '../lib/contract/route.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { eventOf, eventsOf } from './support/events.ts';
import { newPhone } from './support/random.ts';
import { AuditSchema, openTenant, type Tenant } from './support/tenant.ts';

const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';
type Fields = Readonly<Record<string, unknown>>;

const listOf = async (tenant: Tenant, path: string): Promise<ContactConsent[]> =>
  read(await tenant.admin.get(path), 200, pageOf(ContactConsentSchema)).items;

const withClient = async (fields: Fields = { phone: newPhone() }) => {
  const tenant = await openTenant();
  const client = await tenant.addClient(fields);
  const path = `/crm/clients/${client.id}/consents`;
  const record = (consent: Fields) => tenant.admin.put(path, { contactId: null, ...consent });
  return { tenant, client, path, record };
};

describe('the consents of a client', () => {
  it('are listed for each contact and purpose: conversation is allowed until refused, marketing refused until allowed', async () => {
    const phone = newPhone();
    const contacts = [{ type: 'email', value: 'olim@example.com' }];
    const { tenant, client, path } = await withClient({ phone, contacts });
    const unknown = { status: null, source: null, note: null, by: null, at: null };
    const email = { contactId: client.contacts[0]?.id, type: 'email', value: 'olim@example.com', ...unknown };
    const own = { contactId: null, type: 'phone', value: phone, ...unknown };
    const service = { purpose: 'service', allowed: true };
    const marketing = { purpose: 'marketing', allowed: false };
    const expected = [own, email].flatMap((address) => [service, marketing].map((each) => ({ ...address, ...each })));
    expect(await listOf(tenant, path)).toEqual(expected);
    expect(await listOf(tenant, path.replace('/crm/clients', '/api/customers'))).toEqual(expected);
  });

  it('are none where the client has no address', async () => {
    const { tenant, path, record } = await withClient({});
    expect(await listOf(tenant, path)).toEqual([]);
    problemOf(await record({ purpose: 'service', status: 'opted-out' }), 404, 'resource.not-found');
  });
});

describe('what a user writes down', () => {
  it('is kept with who, when and why, announced with its source, and audited', async () => {
    const { tenant, client, path, record } = await withClient();
    const answer = await record({ purpose: 'marketing', status: 'opted-in', note: 'Signed the form' });
    const consent = read(answer, 200, ContactConsentSchema);
    expect(consent).toMatchObject({
      purpose: 'marketing',
      status: 'opted-in',
      source: 'user',
      by: 'ana',
      allowed: true,
    });
    expect(consent).toMatchObject({ note: 'Signed the form', contactId: null, value: client.phone });
    expect(await listOf(tenant, path)).toContainEqual(consent);
    const event = await eventOf(tenant.id, 'ContactOptedIn', client.id);
    const { purpose, status, source, note, by, at } = consent;
    expect(event.data.phoneConsents).toEqual([{ purpose, status, source, note, by, at }]);
    expect(event).toMatchObject({ previous: { phoneConsents: [] }, actor: { type: 'user', id: 'ana' } });
    await eventually(async () => {
      const audit = await tenant.admin.get(`/crm/audit?subjectId=${client.id}`);
      const [entry] = read(audit, 200, AuditSchema).items;
      expect(entry).toMatchObject({ type: 'ContactOptedIn', actor: { id: 'ana' } });
      expect(entry?.changed).toContain('phoneConsents');
    });
  });

  it('changes no version, and once more changes nothing', async () => {
    const { tenant, client, record } = await withClient();
    const consent = { purpose: 'marketing', status: 'opted-in' };
    const answers = [await record(consent), await record(consent)].map((each) => read(each, 200, ContactConsentSchema));
    expect(answers[1]).toEqual(answers[0]);
    const after = read(await tenant.admin.get(`/crm/clients/${client.id}`), 200, ClientSchema);
    expect(after).toMatchObject({ version: client.version, phoneOptedOut: false });
    await eventOf(tenant.id, 'ContactOptedIn', client.id);
  });

  it('of the conversation stops and allows messages; of marketing it stops none', async () => {
    const { tenant, client, record } = await withClient();
    await tenant.connectTwilio('sms');
    const say = () => tenant.admin.post(`/crm/chats/${client.id}/messages`, { text: 'Hi', transport: 'sms' });
    expect((await record({ purpose: 'marketing', status: 'opted-out' })).status).toBe(200);
    expect((await say()).status).toBe(202);
    expect((await record({ purpose: 'service', status: 'opted-out', note: 'By phone' })).status).toBe(200);
    problemOf(await say(), 409, 'contact.opted-out');
    expect((await record({ purpose: 'service', status: 'opted-in', note: 'Changed her mind' })).status).toBe(200);
    expect((await say()).status).toBe(202);
  });

  it('cannot undo what the client said by itself; the client can', async () => {
    const { tenant, client, path, record } = await withClient();
    const sms = await tenant.connectTwilio('sms');
    await tenant.receive(sms, { from: client.phone, text: "To'xtatish" });
    for (const purpose of ['service', 'marketing']) {
      problemOf(await record({ purpose, status: 'opted-in' }), 409, 'consent.own-refusal');
    }
    expect((await record({ purpose: 'service', status: 'opted-out' })).status).toBe(200);
    expect(await listOf(tenant, path)).toMatchObject([
      { purpose: 'service', status: 'opted-out', source: 'client', note: "To'xtatish", by: null },
      { purpose: 'marketing', status: 'opted-out', source: 'client' },
    ]);
    await tenant.receive(sms, { from: client.phone, text: 'Boshlash' });
    expect(await listOf(tenant, path)).toMatchObject([
      { purpose: 'service', status: 'opted-in', source: 'client', allowed: true },
      { purpose: 'marketing', status: 'opted-out', allowed: false },
    ]);
    expect((await record({ purpose: 'marketing', status: 'opted-in', note: 'A form' })).status).toBe(200);
  });

  it('is not lost by taking the contact away and adding it again', async () => {
    const { tenant, client, record } = await withClient();
    await tenant.connectTwilio('sms');
    await record({ purpose: 'service', status: 'opted-out' });
    const path = `/crm/clients/${client.id}`;
    expect((await tenant.admin.put(path, { firstName: 'Olim' })).status).toBe(200);
    const contact = { type: 'phone', value: client.phone };
    expect((await tenant.admin.post(`${path}/contacts`, contact)).body).toMatchObject({ optedOut: true });
    const message = { text: 'Hi', transport: 'sms' };
    problemOf(await tenant.admin.post(`/crm/chats/${client.id}/messages`, message), 409, 'contact.opted-out');
  });

  it.each([
    [{ purpose: 'advertising', status: 'opted-in' }, '/purpose'],
    [{ purpose: 'service', status: 'maybe' }, '/status'],
    [{ purpose: 'service', status: 'opted-out', source: 'client' }, '/source'],
    [{ purpose: 'service', status: 'opted-out', contactId: 'x' }, '/contactId'],
    [{ purpose: 'service', status: 'opted-out', note: 'x'.repeat(501) }, '/note'],
  ])('as %j is refused, pointing at %s', async (consent, pointer) => {
    const { client, record } = await withClient();
    expect(pointersOf(problemOf(await record(consent), 400, 'request.invalid'))).toEqual([pointer]);
    expect(client.phoneConsents).toEqual([]);
  });

  it('is of a contact of that client, in one’s own tenant', async () => {
    const { tenant, path, record } = await withClient();
    const other = await openTenant();
    const consent = { purpose: 'service', status: 'opted-out' };
    problemOf(await record({ ...consent, contactId: ABSENT }), 404, 'resource.not-found');
    problemOf(await other.admin.put(path, { contactId: null, ...consent }), 404, 'resource.not-found');
    problemOf(await other.admin.get(path), 404, 'resource.not-found');
    problemOf(await tenant.admin.get(path.replace(/[0-9a-f-]{36}/, ABSENT)), 404, 'resource.not-found');
  });

  it('while the client says so too, and while it is changed, loses neither', async () => {
    const { tenant, client, path, record } = await withClient();
    const sms = await tenant.connectTwilio('sms');
    await Promise.all([
      record({ purpose: 'marketing', status: 'opted-in' }),
      tenant.receive(sms, { from: client.phone, text: 'Стоп' }),
      tenant.admin.put(`/crm/clients/${client.id}`, { firstName: 'Olimjon', phone: client.phone }),
    ]);
    const [service, marketing] = await listOf(tenant, path);
    expect(service).toMatchObject({ status: 'opted-out', source: 'client', allowed: false });
    expect(marketing?.allowed).toBe(false);
    expect((await tenant.onlyChat()).client.firstName).toBe('Olimjon');
    const events = (await eventsOf(tenant.id)).filter(({ type }) => type === 'ContactOptedOut');
    expect(events.length).toBeLessThanOrEqual(1);
  });
});
