import { eventsOf } from './support/events.ts';
import { newPhone, unique } from './support/random.ts';
import { clientOf, clientsOf, importSheet, prepareImport, rowsOf, runImport } from './support/sheets.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

describe('a duplicate', () => {
  const people = async (tenant: Tenant) => {
    const [phone, pin] = [newPhone(), unique('pin')];
    const ana = await tenant.addClient({ firstName: 'Ana', phone, comments: 'old', tags: ['vip'] });
    const olim = await tenant.addClient({ pin, contacts: [{ type: 'email', value: 'olim@example.org' }] });
    return { ana, olim, phone, pin };
  };

  it('is left alone when it is to be skipped', async () => {
    const tenant = await openTenant();
    const { ana, phone } = await people(tenant);
    const { id, end } = await importSheet(tenant.admin, `name,phone,comments\nAnna,${phone},new\n`);
    expect(end.rows).toMatchObject({ skipped: 1, created: 0 });
    expect(await rowsOf(tenant.admin, id)).toMatchObject([{ outcome: 'skipped', clientId: ana.id }]);
    expect(await clientOf(tenant, ana.id)).toEqual(ana);
  });

  it('is changed when it is to be updated, by phone, PIN or contact', async () => {
    const tenant = await openTenant();
    const { ana, olim, phone, pin } = await people(tenant);
    const sheet = `name,phone,pin,contact.email,comments,tags\nAnna,${phone},,,new,shop\n,,${pin},,met,\n,,,OLIM@example.org,,again\n`;
    const { id, end } = await importSheet(tenant.admin, sheet, { onDuplicate: 'update' });
    expect(end.rows).toMatchObject({ updated: 3, failed: 0 });
    const outcomes = (await rowsOf(tenant.admin, id)).map(({ outcome, clientId }) => [outcome, clientId]);
    expect(outcomes).toEqual([
      ['updated', ana.id],
      ['updated', olim.id],
      ['updated', olim.id],
    ]);
    expect(await clientOf(tenant, ana.id)).toMatchObject({ firstName: 'Anna', comments: 'new', tags: ['vip', 'shop'] });
    expect(await clientOf(tenant, olim.id)).toMatchObject({ firstName: 'Olim', comments: 'met', tags: ['again'] });
    const updates = (await eventsOf(tenant.id)).filter(({ type }) => type === 'ClientUpdated');
    expect(updates).toHaveLength(3);
  });

  it('that a row says nothing new of is skipped', async () => {
    const tenant = await openTenant();
    const { ana, phone } = await people(tenant);
    const { end } = await importSheet(tenant.admin, `name,phone\nAna,${phone}\n`, { onDuplicate: 'update' });
    expect(end.rows).toMatchObject({ skipped: 1, updated: 0 });
    expect((await clientOf(tenant, ana.id)).version).toBe(ana.version);
  });

  it('is refused where a row is about two clients, naming both', async () => {
    const tenant = await openTenant();
    const { ana, olim, phone, pin } = await people(tenant);
    const { id } = await importSheet(tenant.admin, `phone,pin\n${phone},${pin}\n`, { onDuplicate: 'update' });
    const [row] = await rowsOf(tenant.admin, id);
    expect(row).toMatchObject({
      outcome: 'failed',
      errors: [
        { column: 'phone', detail: `is held by client ${ana.id}` },
        { column: 'pin', detail: `is held by client ${olim.id}` },
      ],
    });
  });

  it('within the file is matched: the first row makes the client, those after are about it', async () => {
    const tenant = await openTenant();
    const [phone, pin] = [newPhone(), unique('pin')];
    const sheet = `name,phone,pin,tags\nAna,${phone},,a\nAna,,${pin},b\nAna,${phone},,c\n,${phone},,d\n`;
    const { id, end } = await importSheet(tenant.admin, sheet, { onDuplicate: 'update' });
    expect(end.rows).toMatchObject({ created: 2, updated: 2 });
    const rows = await rowsOf(tenant.admin, id);
    expect(await clientOf(tenant, rows[0]?.clientId)).toMatchObject({ tags: ['a', 'c', 'd'] });
    expect(rows.map(({ clientId }) => clientId)).toEqual([0, 1, 0, 0].map((at) => rows[at]?.clientId));
  });
});

describe('a dry run', () => {
  it('changes nothing, and reports what the import then does', async () => {
    const tenant = await openTenant();
    const [known, fresh, pin] = [newPhone(), newPhone(), unique('pin')];
    const ana = await tenant.addClient({ firstName: 'Ana', phone: known });
    const sheet = `name,phone,pin\nAnna,${known},\nOlim,${fresh},${pin}\nOlimjon,,${pin}\nBad,12,\nAnna,${known},${pin}\n`;
    const id = await prepareImport(tenant.admin, sheet);
    const checked = await runImport(tenant.admin, id, { dryRun: true, onDuplicate: 'update' });
    expect(checked).toMatchObject({ state: 'checked', rows: { total: 5, done: 5, created: 1, updated: 2, failed: 2 } });
    const tried = await rowsOf(tenant.admin, id);
    expect(tried.map(({ outcome, clientId, sameAsRow }) => [outcome, clientId, sameAsRow])).toEqual([
      ['would-update', ana.id, null],
      ['would-create', null, null],
      ['would-update', null, 3],
      ['failed', null, null],
      ['failed', null, null],
    ]);
    expect(tried[4]?.errors.map(({ detail }) => detail)).toEqual([
      `is held by client ${ana.id}`,
      'is held by the client of row 3',
    ]);
    expect(await clientsOf(tenant)).toEqual([ana]);
    const done = await runImport(tenant.admin, id, { onDuplicate: 'update' });
    expect(done).toMatchObject({ state: 'done', rows: checked.rows });
    const outcomes = (await rowsOf(tenant.admin, id)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['updated', 'created', 'updated', 'failed', 'failed']);
    expect(await clientsOf(tenant)).toHaveLength(2);
  });

  it('reports duplicates within the file that would be skipped', async () => {
    const tenant = await openTenant();
    const phone = newPhone();
    const { id, end } = await importSheet(tenant.admin, `name,phone\nAna,${phone}\nAnna,${phone}\n`, { dryRun: true });
    expect(end.rows).toMatchObject({ created: 1, skipped: 1 });
    expect(await rowsOf(tenant.admin, id)).toMatchObject([
      { outcome: 'would-create' },
      { outcome: 'skipped', sameAsRow: 2 },
    ]);
  });
});
