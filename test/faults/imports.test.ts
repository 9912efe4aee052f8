import { eventsOf, patiently } from './support.ts';
import { api, eventually, newTenant, token } from '../support/client.ts';
import { clientsOf, importOf, prepareImport, rowsOf } from '../support/sheets.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { Tenant } from '../support/tenant.ts';

const ROWS = 60;
/** A third of the people stands in the file twice, and every tenth row is none. */
const PEOPLE = 40;

const phoneOf = (person: number): string => `+99890${String(person).padStart(7, '0')}`;

const sheet = [
  'name,phone,tags',
  ...Array.from({ length: ROWS }, (_, at) =>
    at % 10 === 9 ? `Bad,12,` : `Ana,${phoneOf(at % PEOPLE)},${at < PEOPLE ? 'first' : 'second'}`,
  ),
].join('\n');

/** A killed worker's lease has to run out, three times. */
const HEALS_MS = 90_000;

let stack: TestStack;
let tenant: Tenant;
beforeAll(async () => {
  stack = await startTestStack('imports');
  const id = newTenant();
  tenant = new Tenant(id, api(await token({ tenant: id }, stack.urls), stack.urls));
});
afterAll(() => stack.stop());

/** Kills the functions once so many rows are handled, and starts them again. */
const killAfter = async (id: string, rows: number): Promise<void> => {
  await patiently(async () => expect((await rowsOf(tenant.admin, id)).length).toBeGreaterThanOrEqual(rows));
  await stack.functions.kill('SIGKILL');
  await stack.functions.start();
};

it('an import whose functions are killed again and again imports each row once', async () => {
  const id = await prepareImport(tenant.admin, sheet);
  expect((await tenant.admin.post(`/crm/imports/${id}/start`, { onDuplicate: 'update' })).status).toBe(202);
  await killAfter(id, 1);
  await killAfter(id, ROWS / 3);
  await killAfter(id, (2 * ROWS) / 3);
  const end = await eventually(async () => {
    const now = await importOf(tenant.admin, id);
    expect(now.state).toBe('done');
    return now;
  }, HEALS_MS);
  const rows = await rowsOf(tenant.admin, id);
  expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: ROWS }, (_, at) => at + 2));
  const count = (outcome: string) => rows.filter((row) => row.outcome === outcome).length;
  expect({ created: count('created'), updated: count('updated'), failed: count('failed') }).toEqual({
    created: 36,
    updated: 18,
    failed: 6,
  });
  expect(end.rows).toEqual({ total: ROWS, done: ROWS, created: 36, updated: 18, skipped: 0, failed: 6 });
  const clients = await clientsOf(tenant);
  expect(new Set(clients.map(({ phone }) => phone)).size).toBe(clients.length);
  expect(clients).toHaveLength(36);
  const created = (await eventsOf(tenant.id, stack.urls)).filter(({ type }) => type === 'ClientCreated');
  expect(new Set(created.map(({ subject }) => subject.id)).size).toBe(created.length);
}, 180_000);
