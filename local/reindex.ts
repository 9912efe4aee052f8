/**
 * Rebuilds what searches look in, while the system runs: the one on this machine (PORT says which), or, where TABLE_NAME is
 * set, the table of that name, with AWS's own variables for region and credentials.
 */
import { parseArgs } from 'node:util';
import { TenantIdSchema } from '../lib/contract/vocabulary.ts';
import { reindex, type ReindexProgress } from '../lib/messaging/reindex.ts';
import { findTable } from './operator.ts';

const describe = ({ pass, scanned, done, removed }: ReindexProgress): string =>
  pass === 'documents'
    ? `1/2 ${scanned} items read, ${done} documents posted anew`
    : `2/2 ${scanned} items read, ${done} postings looked at, ${removed} led nowhere and are gone`;

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { tenant: { type: 'string' } } });
  const tenant = values.tenant === undefined ? undefined : TenantIdSchema.parse(values.tenant);
  findTable();
  for await (const progress of reindex(tenant)) console.log(describe(progress));
  console.log('done');
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
