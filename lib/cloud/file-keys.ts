import type { TenantId, UploadId } from '../contract/vocabulary.ts';

/** Where users upload to, and where nothing is served from. What lies here is gone after a day or two. */
export const incomingKey = (tenant: TenantId, id: UploadId): string => `uploads/incoming/${tenant}/${id}`;
/** Where files are kept once their bytes were looked at. Only the system writes here. */
export const fileKey = (tenant: TenantId, id: UploadId): string => `files/${tenant}/${id}`;
