/**
 * Counts all that statistics tell anew, and how many open chats each user has, while the system runs: the one on this machine (PORT says which), or, where
 * TABLE_NAME is set, the table of that name, with AWS's own variables for region and credentials.
 */
import { parseArgs } from 'node:util';
import { v7 as newId } from 'uuid';
import { ClientIdSchema, TenantIdSchema, type ChatId, type TenantId } from '../lib/contract/vocabulary.ts';
import { recount, type RecountProgress } from '../lib/messaging/recount.ts';
import { recountLoads } from '../lib/messaging/recount-loads.ts';
import { systemAct } from '../lib/runtime/worker.ts';
import { CHAT, homeOfKey } from '../lib/table/keys.ts';
import { scanTable } from '../lib/table/scan.ts';
import { findTable } from './operator.ts';

const outcome = ({ late, mended }: RecountProgress): string =>
  late + mended === 0
    ? 'all numbers are the same'
    : `${mended} numbers differed and are mended, ${late} things were not counted as they are`;

const describe = (progress: RecountProgress): string => {
  const { tenant, pass, done } = progress;
  switch (pass) {
    case 'counting':
      return `${tenant}: ${done} counted anew`;
    case 'carrying':
      return `${tenant}: ${done} counted, with what is not there any more`;
    case 'done':
      return `${tenant}: ${outcome(progress)}`;
  }
};

const tenantsOf = async (only: string | undefined): Promise<TenantId[]> => {
  if (only !== undefined) return [TenantIdSchema.parse(only)];
  const tenants = new Set<TenantId>();
  for await (const items of scanTable()) for (const { tenant } of items) tenants.add(tenant);
  return [...tenants];
};

const chatsOf = async function* (tenant: TenantId): AsyncGenerator<ChatId[]> {
  for await (const items of scanTable(tenant)) {
    yield items.flatMap(({ pk, sk }) => (sk === CHAT ? [ClientIdSchema.parse(homeOfKey(pk))] : []));
  }
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { tenant: { type: 'string' } } });
  findTable();
  for (const tenant of await tenantsOf(values.tenant)) {
    const mended = await recountLoads(systemAct(tenant, 'recount', newId()), chatsOf(tenant));
    console.log(`${tenant}: ${mended.length} users had another number of open chats than was counted`);
    for await (const progress of recount(tenant, () => newId())) console.log(describe(progress));
  }
  console.log('done');
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
