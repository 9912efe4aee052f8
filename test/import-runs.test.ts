import { ImportSchema, listImportColumns, listImports } from '../lib/contract/imports.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { newPhone } from './support/random.ts';
import { clientsOf, ended, importOf, prepareImport, rowsOf, runImport } from './support/sheets.ts';
import { openTenant } from './support/tenant.ts';

describe('the columns of a file', () => {
  it('are shown with samples and suggestions', async () => {
    const { admin } = await openTenant();
    const id = await prepareImport(admin, '\ufeffИмя;Телефон;Размер\nАна;+998901234567;38\n');
    const columns = read(await admin.get(`/crm/imports/${id}/columns`), 200, listImportColumns.result);
    expect(columns).toEqual({
      delimiter: ';',
      encoding: 'utf-8',
      header: true,
      columns: [
        { number: 1, name: 'Имя', samples: ['Ана'], suggestion: 'firstName' },
        { number: 2, name: 'Телефон', samples: ['+998901234567'], suggestion: 'phone' },
        { number: 3, name: 'Размер', samples: ['38'], suggestion: 'ignore' },
      ],
    });
    const raw = read(
      await admin.get(`/crm/imports/${id}/columns?header=false&delimiter=%2C`),
      200,
      listImportColumns.result,
    );
    expect(raw).toMatchObject({ header: false, columns: [{ number: 1, name: null }] });
  });

  it.each([
    ['an Excel workbook', Uint8Array.from([0x50, 0x4b, 0x03, 0x04, 0x14, 0x00]), /Excel/],
    ['UTF-16', Buffer.from('\ufeffname\nAna', 'utf16le'), /UTF-16/],
    ['one endless line', 'x'.repeat(600_000), /no end/],
  ])('of a file that is %s cannot be read', async (_, content, detail) => {
    const { admin } = await openTenant();
    const id = await prepareImport(admin, content);
    for (const answer of [
      await admin.get(`/crm/imports/${id}/columns`),
      await admin.post(`/crm/imports/${id}/start`),
    ]) {
      expect(problemOf(answer, 422, 'import.unreadable').detail).toMatch(detail);
    }
    expect((await importOf(admin, id)).state).toBe('awaiting-file');
  });

  it.each<[string, Record<string, unknown>, number, string, string[]]>([
    ['name no column', { mapping: [{ column: 'Age', field: 'pin' }] }, 422, 'import.mapping', ['/mapping/0/column']],
    ['lead nowhere', { mapping: [{ column: 'A', field: 'ignore' }] }, 422, 'import.mapping', ['/mapping']],
    ['are unknown', {}, 422, 'import.mapping', ['/mapping']],
    ['go to no field', { mapping: [{ column: 'A', field: 'nickname' }] }, 400, 'request.invalid', ['/mapping/0/field']],
    [
      'go to a custom field that cannot be',
      { mapping: [{ column: 'A', field: 'customFields.toString' }] },
      400,
      'request.invalid',
      ['/mapping/0/field'],
    ],
    ['have no number', { mapping: [{ column: 0, field: 'pin' }] }, 400, 'request.invalid', ['/mapping/0/column']],
  ])('are refused when they %s', async (_, options, status, code, pointers) => {
    const { admin } = await openTenant();
    const id = await prepareImport(admin, 'A,B\n1,2\n');
    const answer = await admin.post(`/crm/imports/${id}/start`, options);
    const problem =
      code === 'import.mapping' ? problemOf(answer, status, code) : problemOf(answer, status, 'request.invalid');
    expect(pointersOf(problem)).toEqual(pointers);
    expect((await importOf(admin, id)).state).toBe('awaiting-file');
  });
});

describe('a run', () => {
  const many = (count: number): string =>
    `name,phone\n${Array.from({ length: count }, (_, at) => `Ana ${at},+99891${String(at).padStart(7, '0')}`).join('\n')}\n`;

  it('that is started twice at once runs once', async () => {
    const tenant = await openTenant();
    const id = await prepareImport(tenant.admin, many(12));
    const answers = await Promise.all([1, 2, 3].map(() => tenant.admin.post(`/crm/imports/${id}/start`)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409]);
    expect((await ended(tenant.admin, id)).rows).toMatchObject({ total: 12, created: 12 });
    expect(await clientsOf(tenant)).toHaveLength(12);
  });

  it('is cancelled, and resumed where it stopped', async () => {
    const tenant = await openTenant();
    const id = await prepareImport(tenant.admin, many(40));
    read(await tenant.admin.post(`/crm/imports/${id}/start`), 202, ImportSchema);
    const stopped = read(await tenant.admin.post(`/crm/imports/${id}/cancel`), 200, ImportSchema);
    expect(stopped.state).toBe('cancelled');
    problemOf(await tenant.admin.get(`/crm/imports/${id}/report`), 409, 'import.unfinished');
    problemOf(await tenant.admin.post(`/crm/imports/${id}/cancel`), 409, 'import.not-running');
    const resumed = await tenant.admin.post(`/crm/imports/${id}/resume`);
    expect(read(resumed, 202, ImportSchema).state).toBe('running');
    problemOf(await tenant.admin.post(`/crm/imports/${id}/resume`), 409, 'import.not-stopped');
    expect(await ended(tenant.admin, id)).toMatchObject({
      state: 'done',
      rows: { total: 40, done: 40, created: 40 },
    });
    expect(await clientsOf(tenant)).toHaveLength(40);
    expect(await rowsOf(tenant.admin, id)).toHaveLength(40);
  });

  it('over more than a hundred thousand rows fails before it changes anything', async () => {
    const tenant = await openTenant();
    const id = await prepareImport(tenant.admin, `name\n${'Ana\n'.repeat(100_001)}`);
    const end = await runImport(tenant.admin, id);
    expect(end).toMatchObject({ state: 'failed', error: { code: 'import.too-many-rows' }, rows: { done: 0 } });
    expect(await clientsOf(tenant)).toEqual([]);
  });

  it('meets clients that are made at the same moment', async () => {
    const tenant = await openTenant();
    const phones = Array.from({ length: 15 }, newPhone);
    const id = await prepareImport(tenant.admin, `name,phone\n${phones.map((phone) => `Ana,${phone}`).join('\n')}\n`);
    const add = (phone: string) => tenant.admin.post('/crm/clients', { firstName: 'Olim', phone });
    const [end, answers] = await Promise.all([runImport(tenant.admin, id), Promise.all(phones.map(add))]);
    const made = answers.filter(({ status }) => status === 201).length;
    expect(end.rows).toMatchObject({ created: 15 - made, skipped: made, failed: 0 });
    expect(await clientsOf(tenant)).toHaveLength(15);
  });
});

describe('whoever may not', () => {
  it('import is refused, whatever is asked', async () => {
    const tenant = await openTenant();
    const id = await prepareImport(tenant.admin, 'name\nAna\n');
    const agent = await tenant.as('agent');
    const path = `/crm/imports/${id}`;
    const answers = [
      await agent.post('/crm/imports', {}),
      await agent.get('/crm/imports'),
      await agent.get(path),
      await agent.get(`${path}/columns`),
      await agent.post(`${path}/start`),
      await agent.post(`${path}/cancel`),
      await agent.post(`${path}/resume`),
      await agent.get(`${path}/rows`),
      await agent.get(`${path}/report`),
    ];
    for (const answer of answers) {
      expect(problemOf(answer, 403, 'permission.missing').permission).toBe('Privacy.Export');
    }
  });

  it('see it finds nothing: another tenant, and an id of nobody', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const id = await prepareImport(tenant.admin, 'name\nAna\n');
    const ask = (path: string) =>
      Promise.all([
        other.admin.get(path),
        other.admin.get(`${path}/columns`),
        other.admin.post(`${path}/start`),
        other.admin.post(`${path}/cancel`),
        other.admin.post(`${path}/resume`),
        other.admin.get(`${path}/rows`),
        other.admin.get(`${path}/report`),
      ]);
    const nobody = await ask('/crm/imports/01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10');
    for (const [at, answer] of (await ask(`/crm/imports/${id}`)).entries()) {
      const { detail, title } = problemOf(answer, 404, 'resource.not-found');
      expect(problemOf(nobody[at] ?? answer, 404, 'resource.not-found')).toMatchObject({ detail, title });
    }
    expect(read(await other.admin.get('/crm/imports'), 200, listImports.result).items).toEqual([]);
    expect((await importOf(tenant.admin, id)).state).toBe('awaiting-file');
  });

  it('start it without a file is told so', async () => {
    const { admin } = await openTenant();
    const { id } = read(await admin.post('/crm/imports'), 201, ImportSchema);
    problemOf(await admin.post(`/crm/imports/${id}/start`), 409, 'import.no-file');
    problemOf(await admin.get(`/crm/imports/${id}/columns`), 409, 'import.no-file');
  });

  it('writes a request that is none is told where', async () => {
    const { admin } = await openTenant();
    const id = await prepareImport(admin, 'name\nAna\n');
    const start = (body: unknown) => admin.post(`/crm/imports/${id}/start`, body);
    expect(pointersOf(problemOf(await start({ onDuplicate: 'merge' }), 400, 'request.invalid'))).toEqual([
      '/onDuplicate',
    ]);
    expect(pointersOf(problemOf(await start({ colour: 1 }), 400, 'request.invalid'))).toEqual(['/colour']);
    expect(pointersOf(problemOf(await admin.post('/crm/imports', { file: 'x' }), 400, 'request.invalid'))).toEqual([
      '/file',
    ]);
    problemOf(await admin.get(`/crm/imports/${id}/rows?outcome=lost`), 400, 'request.invalid');
    problemOf(await admin.get(`/crm/imports/${id}/rows?cursor=lost`), 400, 'cursor.invalid');
    problemOf(await admin.get(`/crm/imports/${id}/columns?delimiter=x`), 400, 'request.invalid');
  });
});
