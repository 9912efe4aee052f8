import type { TenantId, UploadId } from '../contract/vocabulary.ts';
import { UploadRecordSchema, type UploadRecord } from '../domain/upload.ts';
import { get, getTogether } from './client.ts';
import { dueShard, uploadKey } from './keys.ts';
import { absent, put, remove, replace, unchanged, type Step } from './transaction.ts';

const uploadItem = (tenant: TenantId, upload: UploadRecord) => ({
  ...uploadKey(tenant, upload.id),
  ...upload,
  ...(upload.dueAt !== null && { gsi4pk: dueShard(upload.id), gsi4sk: `${upload.dueAt}#${upload.id}` }),
});

export const insertUpload = (tenant: TenantId, upload: UploadRecord): Step => put(uploadItem(tenant, upload), absent);

/** A client's file that is fetched twice is written twice, the same. */
export const putUpload = (tenant: TenantId, upload: UploadRecord): Step => put(uploadItem(tenant, upload));

export const replaceUpload = (tenant: TenantId, before: UploadRecord, after: UploadRecord): Step =>
  replace(uploadItem(tenant, after), before);

export const removeUpload = (tenant: TenantId, upload: UploadRecord): Step =>
  remove(uploadKey(tenant, upload.id), unchanged(upload.revision));

/** What is known about this file? One read. */
export const findUpload = async (tenant: TenantId, id: UploadId): Promise<UploadRecord | undefined> => {
  const { Item } = await get(tenant, { Key: uploadKey(tenant, id), ConsistentRead: true });
  return Item === undefined ? undefined : UploadRecordSchema.parse(Item);
};

/** What is known about these files? One read of as many items; those that do not exist are left out. */
export const findUploads = async (tenant: TenantId, ids: readonly UploadId[]): Promise<UploadRecord[]> => {
  const items = await getTogether(
    tenant,
    [...new Set(ids)].map((id) => uploadKey(tenant, id)),
  );
  return items.map((item) => UploadRecordSchema.parse(item));
};
