import { eventually } from '../support/client.ts';
import { postingsOf } from '../support/indexing.ts';
import { clientsFound } from '../support/search.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import type { Tenant } from '../support/tenant.ts';
import { openTenantAt } from './support.ts';

/** Until the queue shows again, more than once, what a killed function held. */
const LONG_MS = 60_000;

let stack: TestStack;
let tenant: Tenant;

beforeAll(async () => {
  stack = await startTestStack('killed-search');
  // What looks at the table here looks at this stack's.
  Object.assign(process.env, stack.environment);
  tenant = await openTenantAt(stack.urls);
});

afterAll(async () => {
  await stack.stop();
});

/** More than one transaction takes. */
const manyWords = (word: string): string => Array.from({ length: 150 }, (_, index) => `${word}${index}`).join(' ');

it('everything is found, and nothing else is posted, after what posts it was killed again and again', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 8; count += 1) ids.push((await tenant.addClient({ comments: manyWords('avval') })).id);
  for (const word of ['keyin', 'oxir']) {
    const changes = ids.map((id) =>
      tenant.admin.put(`/crm/clients/${id}`, { firstName: 'Olim', comments: manyWords(word) }),
    );
    expect(new Set((await Promise.all(changes)).map(({ status }) => status))).toEqual(new Set([200]));
    await stack.functions.kill('SIGKILL');
    await stack.functions.start();
  }
  await eventually(async () => {
    const { there, due } = await postingsOf(tenant.id);
    expect(there).toEqual(due);
  }, LONG_MS);
  expect(await clientsFound(tenant.admin, 'oxir149')).toEqual(ids.toReversed());
  expect(await clientsFound(tenant.admin, 'keyin149')).toEqual([]);
}, 120_000);
