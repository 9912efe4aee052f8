/**
 * Holds the audit log against its seals and names what does not fit; exit code 1 when anything does not. Of the system on
 * this machine (PORT says which, DATA_DIR where its key is), or, where TABLE_NAME is set, of the table of that name, with
 * AUDIT_KEY for the key's ARN and AWS's own variables for region and credentials.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TenantIdSchema, type TenantId } from '../lib/contract/vocabulary.ts';
import { tenantsWithLogs, verifyAudit, type Verification } from '../lib/messaging/verify-audit.ts';
import { AUDIT_KEY_FILE, readIfPresent } from './data-dir.ts';
import { findTable } from './operator.ts';

const findKey = (): void => {
  if (process.env.AUDIT_KEY !== undefined) return;
  const file = join(process.env.DATA_DIR ?? '.local', AUDIT_KEY_FILE);
  const key = readIfPresent(file);
  if (key === undefined) throw new Error(`${file} is not there: set DATA_DIR, or AUDIT_KEY.`);
  process.env.AUDIT_KEY = key;
};

const report = ({ tenant, findings, ...counts }: Verification): void => {
  for (const { what, which, why } of findings) console.log(`${tenant}: ${what} ${which}: ${why}`);
  const { seals, entries, unsealed, expired, older, last } = counts;
  const also = [
    `${unsealed} not sealed yet`,
    ...(expired > 0 ? [`${expired} expired`] : []),
    ...(older > 0 ? [`${older} from before the first seal`] : []),
  ];
  console.log(`${tenant}: ${seals} seals, ${entries} entries (${also.join(', ')}), last seal ${last ?? 'none'}`);
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { tenant: { type: 'string' } } });
  const asked = values.tenant === undefined ? undefined : TenantIdSchema.parse(values.tenant);
  findTable();
  findKey();
  const tenants: TenantId[] = asked === undefined ? await tenantsWithLogs() : [asked];
  let wrong = 0;
  for (const tenant of tenants) {
    const verification = await verifyAudit(tenant);
    report(verification);
    wrong += verification.findings.length;
  }
  console.log(wrong === 0 ? 'ok' : `${wrong} things are not as they were`);
  if (wrong > 0) process.exitCode = 1;
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
