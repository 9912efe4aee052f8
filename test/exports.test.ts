import type { Client } from '../lib/contract/clients.ts';
import { ExportSchema, getExport, listExports } from '../lib/contract/exports.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { newPhone, unique } from './support/random.ts';
import { addSegment, withTags } from './support/segments.ts';
import { clientsOf, exportSheet, fetchText, importSheet } from './support/sheets.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

/** A client but for what differs from tenant to tenant. */
const essence = ({ contacts, ...client }: Client) => ({
  ...client,
  id: undefined,
  createdAt: undefined,
  updatedAt: undefined,
  version: undefined,
  contacts: contacts.map(({ type, value, optedOut }) => ({ type, value, optedOut })),
});

const byName = (clients: readonly Client[]) =>
  clients.map(essence).toSorted((one, other) => one.firstName.localeCompare(other.firstName));

const lines = (sheet: string): string[] =>
  sheet
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split('\r\n');

const addPeople = async (tenant: Tenant): Promise<void> => {
  await tenant.addClient({
    firstName: 'Гулнора',
    lastName: 'Toʻxtayeva',
    middleName: 'Karimovna',
    phone: newPhone(),
    email: 'gulnora@example.com',
    preferredTransport: 'telegram',
    address: 'Amir Temur 1,\nToshkent',
    dateOfBirth: '1990-05-17',
    timeZone: 'Asia/Samarkand',
    gender: 'female',
    passportId: 'AA1234567',
    pin: unique('pin'),
    comments: '=HYPERLINK("http://example.com";"click")',
    tags: ['vip', 'a; "quoted" tag'],
    customFields: { size: 'M', visits: 3, odd: -1.5, loyal: true },
    contacts: [
      { type: 'email', value: 'one@example.com' },
      { type: 'email', value: 'two@example.com' },
      { type: 'other', value: "'=1;2" },
    ],
  });
  await tenant.addClient({ firstName: '@Olim' });
  await tenant.addClient({ firstName: 'Zoé', comments: '  - dash\n+ plus' });
};

describe('an export', () => {
  it('holds all clients, and makes the same of them in another tenant', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    for (const { admin } of [tenant, other]) await admin.post('/crm/custom-fields', { name: 'visits', type: 'number' });
    await addPeople(tenant);
    const { end } = await importSheet(other.admin, await exportSheet(tenant.admin));
    expect(end).toMatchObject({ state: 'done', rows: { total: 3, created: 3 } });
    expect(byName(await clientsOf(other))).toEqual(byName(await clientsOf(tenant)));
  });

  it('changes nothing where it came from', async () => {
    const tenant = await openTenant();
    const { firstName, phone } = await tenant.addClient({ firstName: 'Ana', phone: newPhone(), tags: ['vip'] });
    const sheet = await exportSheet(tenant.admin);
    expect((await importSheet(tenant.admin, sheet)).end.rows).toMatchObject({ skipped: 1 });
    expect((await importSheet(tenant.admin, sheet, { onDuplicate: 'update' })).end.rows).toMatchObject({ skipped: 1 });
    expect(await clientsOf(tenant)).toMatchObject([{ firstName, phone, version: 1 }]);
  });

  it('holds nothing that a spreadsheet program would calculate', async () => {
    const tenant = await openTenant();
    await tenant.addClient({ firstName: '=1+1', lastName: '+SUM(A1)', comments: '@cmd', address: '-2' });
    const sheet = await exportSheet(tenant.admin, { columns: ['firstName', 'lastName', 'comments', 'address'] });
    expect(lines(sheet)).toEqual(['firstName,lastName,comments,address', "'=1+1,'+SUM(A1),'@cmd,'-2"]);
  });

  it('has the columns, the delimiter and the clients that were asked for', async () => {
    const tenant = await openTenant();
    await tenant.addClient({ firstName: 'Ana', lastName: 'Karimova', tags: ['VIP'] });
    await tenant.addClient({ firstName: 'Olim' });
    const options = { columns: ['lastName', 'firstName'], delimiter: ';' };
    const all = await exportSheet(tenant.admin, options);
    expect(all.startsWith('\ufeff')).toBe(true);
    expect(lines(all)).toEqual(['lastName;firstName', ';Olim', 'Karimova;Ana']);
    await eventually(async () => {
      const tagged = await exportSheet(tenant.admin, { ...options, filter: { tag: 'vip' } });
      expect(lines(tagged)).toEqual(['lastName;firstName', 'Karimova;Ana']);
    });
    const nobody = await exportSheet(tenant.admin, { ...options, filter: { tag: 'nobody' } });
    expect(lines(nobody)).toEqual(['lastName;firstName']);
  });

  it('can be of a segment', async () => {
    const tenant = await openTenant();
    await tenant.addClient({ firstName: 'Ana', tags: ['vip'] });
    await tenant.addClient({ firstName: 'Olim' });
    const { id } = await addSegment(tenant.admin, [withTags('any', 'vip')]);
    await eventually(async () => {
      const sheet = await exportSheet(tenant.admin, { columns: ['firstName'], filter: { segmentId: id } });
      expect(lines(sheet)).toEqual(['firstName', 'Ana']);
    });
    const problem = problemOf(
      await tenant.admin.post('/crm/exports', { filter: { segmentId: '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10' } }),
      422,
      'export.no-segment',
    );
    expect(problem.detail).not.toBe('');
  });

  it('says how far it is, and where its file is for some minutes', async () => {
    const tenant = await openTenant();
    await tenant.addClient();
    const manager = await tenant.as('manager', 'boris');
    const asked = read(await manager.post('/crm/exports'), 202, ExportSchema);
    expect(asked).toMatchObject({ state: 'queued', rows: 0, createdBy: 'boris', finishedAt: null, expiresAt: null });
    const done = await eventually(async () => {
      const now = read(await manager.get(`/crm/exports/${asked.id}`), 200, getExport.result);
      expect(now.state).toBe('done');
      return now;
    }, 25_000);
    expect(done).toMatchObject({ rows: 1, error: null });
    expect(new Date(done.file?.expiresAt ?? 0).getTime() - Date.now()).toBeLessThanOrEqual(600_000);
    const { headers } = await fetchText(done.file?.url ?? '');
    expect(headers.get('content-disposition')).toBe('attachment; filename="clients.csv"');
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const { items } = read(await manager.get('/crm/exports'), 200, listExports.result);
    expect(items).toEqual([ExportSchema.parse(done)]);
    const finished = await eventOf(tenant.id, 'ExportFinished', asked.id);
    expect(finished).toMatchObject({ actor: { type: 'user', id: 'boris' }, data: { state: 'done', rows: 1 } });
    await eventOf(tenant.id, 'ExportStarted', asked.id);
  });

  it('is made once, however often the same request comes', async () => {
    const { admin } = await openTenant();
    const key = { 'idempotency-key': unique('key') };
    const answers = await Promise.all([1, 2, 3].map(() => admin.post('/crm/exports', {}, key)));
    expect(new Set(answers.map((answer) => read(answer, 202, ExportSchema).id)).size).toBe(1);
    expect(read(await admin.get('/crm/exports'), 200, listExports.result).items).toHaveLength(1);
  });

  it('is for those who may carry data out, of their own tenant', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const { id } = read(await tenant.admin.post('/crm/exports'), 202, ExportSchema);
    const agent = await tenant.as('agent');
    for (const answer of [
      await agent.post('/crm/exports'),
      await agent.get('/crm/exports'),
      await agent.get(`/crm/exports/${id}`),
    ]) {
      expect(problemOf(answer, 403, 'permission.missing').permission).toBe('Privacy.Export');
    }
    const foreign = problemOf(await other.admin.get(`/crm/exports/${id}`), 404, 'resource.not-found');
    const nobody = await other.admin.get('/crm/exports/01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10');
    expect(problemOf(nobody, 404, 'resource.not-found').detail).toBe(foreign.detail);
    expect(read(await other.admin.get('/crm/exports'), 200, listExports.result).items).toEqual([]);
  });

  it.each([
    ['an unknown column', { columns: ['shoeSize'] }, '/columns/0'],
    ['a column twice', { columns: ['pin', 'pin'] }, '/columns'],
    ['no column', { columns: [] }, '/columns'],
    ['an unknown filter', { filter: { city: 'Toshkent' } }, '/filter/city'],
    ['an unknown delimiter', { delimiter: 'x' }, '/delimiter'],
  ])('is refused with %s', async (_, body, pointer) => {
    const { admin } = await openTenant();
    expect(pointersOf(problemOf(await admin.post('/crm/exports', body), 400, 'request.invalid'))).toEqual([pointer]);
  });
});
