import { getImportReport, ImportSchema, listImports } from '../lib/contract/imports.ts';
import { first, problemOf, read } from './support/answers.ts';
import { eventOf, eventsOf } from './support/events.ts';
import { newPhone, unique } from './support/random.ts';
import { clientOf, clientsOf, fetchText, importOf, importSheet, prepareImport, rowsOf } from './support/sheets.ts';
import { openTenant } from './support/tenant.ts';

describe('an import', () => {
  it('makes a client of each row, and says what became of it', async () => {
    const tenant = await openTenant();
    const manager = await tenant.as('manager', 'boris');
    const [one, two] = [newPhone(), newPhone()];
    const sheet = `Имя;Фамилия;Телефон;Дата рождения;Теги\r\nАна;Каримова;${one};17.05.1990;"vip;опт"\r\nОлим;;${two};;\r\n;;;;\r\n`;
    const { id, end } = await importSheet(manager, sheet);
    expect(end).toMatchObject({
      state: 'done',
      rows: { total: 2, done: 2, created: 2, updated: 0, skipped: 0, failed: 0 },
      options: { delimiter: ';', encoding: 'utf-8', dryRun: false, onDuplicate: 'skip' },
      error: null,
      createdBy: 'boris',
    });
    const rows = await rowsOf(manager, id);
    expect(rows.map(({ row, outcome }) => [row, outcome])).toEqual([
      [2, 'created'],
      [3, 'created'],
    ]);
    expect(await clientOf(tenant, rows[0]?.clientId)).toMatchObject({
      firstName: 'Ана',
      lastName: 'Каримова',
      phone: one,
      dateOfBirth: '1990-05-17',
      tags: ['vip', 'опт'],
    });
    expect(await clientsOf(tenant)).toHaveLength(2);
  });

  it('is announced, as are its clients, in the name of who started it', async () => {
    const tenant = await openTenant();
    const manager = await tenant.as('manager', 'boris');
    const { id } = await importSheet(manager, 'name\nAna\n');
    const clientId = first(await rowsOf(manager, id)).clientId ?? '';
    expect(await eventOf(tenant.id, 'ClientCreated', clientId)).toMatchObject({
      actor: { type: 'user', id: 'boris' },
      correlationId: id,
    });
    const finished = await eventOf(tenant.id, 'ImportFinished', id);
    expect(finished).toMatchObject({
      actor: { type: 'user', id: 'boris' },
      data: { state: 'done', rows: { total: 1, created: 1 } },
    });
    const types = (await eventsOf(tenant.id)).filter(({ subject }) => subject.id === id).map(({ type }) => type);
    expect(types.toSorted()).toEqual(['ImportCreated', 'ImportFinished', 'ImportStarted']);
    expect(JSON.stringify(finished)).not.toContain('Ana');
  });

  it('reads what spreadsheet programs of the region write', async () => {
    const tenant = await openTenant();
    // "имя;комментарий", "Ана;Да" in windows-1251.
    const bytes = Uint8Array.from([
      ...[0xe8, 0xec, 0xff, 0x3b, 0xea, 0xee, 0xec, 0xec, 0xe5, 0xed, 0xf2, 0xe0, 0xf0, 0xe8, 0xe9, 0x0d, 0x0a],
      ...[0xc0, 0xed, 0xe0, 0x3b, 0xc4, 0xe0, 0x0d, 0x0a],
    ]);
    const { end } = await importSheet(tenant.admin, bytes);
    expect(end).toMatchObject({ state: 'done', options: { encoding: 'windows-1251', delimiter: ';' } });
    expect(first(await clientsOf(tenant))).toMatchObject({ firstName: 'Ана', comments: 'Да' });
  });

  it('takes columns by a mapping, without a header, with any delimiter', async () => {
    const tenant = await openTenant();
    const phone = newPhone();
    const { end } = await importSheet(tenant.admin, `x|${phone}|Ana|a@example.org,b@example.org\n`, {
      header: false,
      delimiter: '|',
      separator: ',',
      mapping: [
        { column: 3, field: 'firstName' },
        { column: 2, field: 'phone' },
        { column: 4, field: 'contact.email' },
        { column: 1, field: 'customFields.size' },
      ],
    });
    expect(end.rows).toMatchObject({ created: 1, failed: 0 });
    const client = first(await clientsOf(tenant));
    expect(client).toMatchObject({ firstName: 'Ana', phone, customFields: { size: 'x' } });
    expect(client.contacts.map(({ value }) => value)).toEqual(['a@example.org', 'b@example.org']);
  });

  it('writes phones without a country code as the settings say, and custom fields as they are defined', async () => {
    const tenant = await openTenant();
    await tenant.admin.put('/crm/settings', { defaultCountry: 'UZ' });
    await tenant.admin.post('/crm/custom-fields', { name: 'visits', type: 'number' });
    const local = newPhone().slice(4);
    const { id } = await importSheet(
      tenant.admin,
      `name,phone,customFields.visits\nAna,${local},3\nOlim,,4\nZoe,,5\nBob,,many\n`,
    );
    const rows = await rowsOf(tenant.admin, id);
    expect(rows.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created', 'failed']);
    expect(rows[3]?.errors).toMatchObject([{ column: 'customFields.visits' }]);
    expect(await clientOf(tenant, rows[0]?.clientId)).toMatchObject({
      phone: `+998${local}`,
      customFields: { visits: 3 },
    });
    const fields = await tenant.admin.get('/crm/custom-fields');
    expect(fields.body).toMatchObject({ items: [{ name: 'visits', used: true }] });
  });

  it('fails rows that cannot be, and imports the others', async () => {
    const tenant = await openTenant();
    const sheet = [
      'name,phone,email,comments',
      'Ana,12,,',
      ',,,nobody',
      'Olim,,olim@,secret',
      '"Zoe,,,',
      `Bob,,,${'x'.repeat(5001)}`,
      'Kamola,,,"=1+1"',
    ].join('\n');
    const { id, end } = await importSheet(tenant.admin, sheet);
    expect(end.rows).toMatchObject({ total: 6, done: 6, created: 1, failed: 5 });
    const failed = await rowsOf(tenant.admin, id, '&outcome=failed');
    expect(failed.map(({ row, errors }) => [row, first(errors).column])).toEqual([
      [2, 'phone'],
      [3, 'name'],
      [4, 'email'],
      [5, null],
      [6, 'comments'],
    ]);
    expect(JSON.stringify(failed)).not.toMatch(/secret|olim|xxx/);
    expect((await clientsOf(tenant)).map(({ comments }) => comments)).toEqual(['=1+1']);
  });

  it('gives its report as a file', async () => {
    const tenant = await openTenant();
    const { id } = await importSheet(tenant.admin, 'name,phone\nAna,\nOlim,12\n');
    const [made] = await rowsOf(tenant.admin, id, '&outcome=created');
    const link = read(await tenant.admin.get(`/crm/imports/${id}/report`), 200, getImportReport.result);
    const { text, headers } = await fetchText(link.url);
    expect(headers.get('content-disposition')).toContain('attachment');
    const [header, one, two] = text.split('\r\n');
    expect(header).toBe('\ufeffrow,outcome,clientId,sameAsRow,errors');
    expect(one).toBe(`2,created,${made?.clientId ?? ''},,`);
    expect(two).toMatch(/^3,failed,,,"?phone: is not a phone number/);
    expect(new Date(link.expiresAt).getTime() - Date.now()).toBeLessThanOrEqual(600_000);
  });

  it('removes the file when it is done, and cannot be started again', async () => {
    const tenant = await openTenant();
    const { id } = await importSheet(tenant.admin, 'name\nAna\n');
    problemOf(await tenant.admin.post(`/crm/imports/${id}/start`), 409, 'import.finished');
    problemOf(await tenant.admin.get(`/crm/imports/${id}/columns`), 409, 'import.no-file');
    problemOf(await tenant.admin.post(`/crm/imports/${id}/cancel`), 409, 'import.not-running');
    problemOf(await tenant.admin.post(`/crm/imports/${id}/resume`), 409, 'import.not-stopped');
    expect(await clientsOf(tenant)).toHaveLength(1);
  });

  it('is found in the list, newest first', async () => {
    const tenant = await openTenant();
    const ids = [await prepareImport(tenant.admin, 'a'), await prepareImport(tenant.admin, 'b')];
    const { items } = read(await tenant.admin.get('/crm/imports'), 200, listImports.result);
    expect(items.map(({ id }) => id)).toEqual(ids.toReversed());
    expect(await importOf(tenant.admin, ids[0] ?? '')).toEqual(items[1]);
  });

  it('is prepared once, however often the same request comes', async () => {
    const { admin } = await openTenant();
    const key = { 'idempotency-key': unique('key') };
    const answers = await Promise.all([1, 2, 3].map(() => admin.post('/crm/imports', { name: 'May.csv' }, key)));
    const ids = answers.map((answer) => read(answer, 201, ImportSchema).id);
    expect(new Set(ids).size).toBe(1);
    expect(await importOf(admin, ids[0] ?? '')).toMatchObject({ name: 'May.csv', state: 'awaiting-file' });
  });
});
