import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { ExportRecordSchema, type ExportRecord } from '../domain/client-export.ts';
import { whileActive } from './belongings.ts';
import { get } from './client.ts';
import { exportKey } from './keys.ts';
import { absent, commit, put, replace, type Step } from './transaction.ts';

const exportItem = (tenant: TenantId, record: ExportRecord) => ({
  ...exportKey(tenant, record.clientId, record.userId),
  ...record,
});

/** Which export of this client did this user ask for last? One read. */
export const findExport = async (
  tenant: TenantId,
  clientId: ClientId,
  userId: string,
): Promise<ExportRecord | undefined> => {
  const { Item } = await get(tenant, { Key: exportKey(tenant, clientId, userId), ConsistentRead: true });
  return Item === undefined ? undefined : ExportRecordSchema.parse(Item);
};

export const replaceExport = (tenant: TenantId, before: ExportRecord, after: ExportRecord): Step =>
  replace(exportItem(tenant, after), before);

/** Takes the place of the export before, with the job that makes it. One transaction. @throws Raced when another was asked for */
export const startExport = (
  act: Act,
  before: ExportRecord | undefined,
  record: ExportRecord,
  job: readonly Step[],
): Promise<void> =>
  commit(act.tenant, [
    whileActive(act.tenant, record.clientId),
    before === undefined
      ? put(exportItem(act.tenant, record), absent)
      : replaceExport(act.tenant, before, { ...record, revision: before.revision + 1 }),
    ...job,
  ]);
