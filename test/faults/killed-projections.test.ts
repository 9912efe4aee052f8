import { ClientSchema } from '../../lib/contract/clients.ts';
import { TagCountSchema } from '../../lib/contract/tags.ts';
import { SegmentMemberSchema } from '../../lib/contract/segments.ts';
import { eventually } from '../support/client.ts';
import { addSegment, readSegment } from '../support/segments.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { readAll, type Tenant } from '../support/tenant.ts';
import { openTenantAt } from './support.ts';

/** Until a queue shows what a killed function held, or a job's lease has run out and the due job has seen it. */
const LONG_MS = 50_000;

let stack: TestStack;
let tenant: Tenant;

beforeAll(async () => {
  stack = await startTestStack('killed-projections');
  tenant = await openTenantAt(stack.urls);
});

afterAll(async () => {
  await stack.stop();
});

const addClients = async (count: number, tags: readonly string[]): Promise<string[]> => {
  const ids: string[] = [];
  for (let added = 0; added < count; added += 1) ids.push((await tenant.addClient({ tags })).id);
  return ids;
};

/** All that was under way is cut off in the middle of it. */
const killAndStart = async (): Promise<void> => {
  await stack.functions.kill('SIGKILL');
  await stack.functions.start();
};

const listOf = async (path: string): Promise<string[]> =>
  (await readAll(tenant.admin, path, ClientSchema.pick({ id: true }))).items.map(({ id }) => id);

const countsBecome = (counts: Readonly<Record<string, number>>): Promise<void> =>
  eventually(async () => {
    const { items } = await readAll(tenant.admin, '/crm/clients/tags?limit=100', TagCountSchema);
    expect(Object.fromEntries(items.map(({ tag, count }) => [tag, count]))).toEqual(counts);
  }, LONG_MS);

it('counts and lists are exact after those who write them were killed again and again', async () => {
  const ids: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    ids.push(...(await addClients(15, ['vip', `round ${round}`])));
    await killAndStart();
  }
  await countsBecome({ vip: 30, 'round 0': 15, 'round 1': 15 });
  expect((await listOf('/crm/clients?tag=vip&limit=50')).toSorted()).toEqual(ids.toSorted());
  for (const id of ids.slice(0, 10)) await tenant.admin.delete(`/crm/clients/${id}/tags?tag=vip`);
  await killAndStart();
  await countsBecome({ vip: 20, 'round 0': 15, 'round 1': 15 });
}, 120_000);

it('a segment whose builder was killed is built by another', async () => {
  const vips = await listOf('/crm/clients?tag=vip&limit=50');
  const segment = await addSegment(tenant.admin, [{ field: 'tags', operator: 'any', tags: ['vip'] }]);
  await killAndStart();
  const late = await addClients(3, ['vip']);
  await eventually(async () => {
    const { status, memberCount } = await readSegment(tenant.admin, segment.id);
    expect({ status, memberCount }).toEqual({ status: 'ready', memberCount: 23 });
  }, LONG_MS);
  const { items } = await readAll(tenant.admin, `/crm/segments/${segment.id}/clients?limit=100`, SegmentMemberSchema);
  expect(items.map(({ id }) => id).toSorted()).toEqual([...vips, ...late].sort());
}, 120_000);
