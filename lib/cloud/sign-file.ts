import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { create as contentDisposition } from 'content-disposition';
import { environment } from '../config/environment.ts';
import { isShownInline } from '../contract/files.ts';
import type { TenantId, UploadId } from '../contract/vocabulary.ts';
import { fileKey } from './file-keys.ts';
import { s3 } from './s3.ts';

/**
 * An address at which whoever holds it can fetch a file for so many seconds. Only pictures, sound and film are shown in
 * the page; anything else is saved under its name, in whatever script (RFC 6266).
 */
export const signFile = (
  tenant: TenantId,
  { id, name, contentType }: { readonly id: UploadId; readonly name: string; readonly contentType: string },
  seconds: number,
): Promise<string> =>
  getSignedUrl(
    s3,
    new GetObjectCommand({
      Bucket: environment().UPLOADS_BUCKET,
      Key: fileKey(tenant, id),
      ResponseContentType: contentType,
      ResponseContentDisposition: contentDisposition(name, {
        type: isShownInline(contentType) ? 'inline' : 'attachment',
      }),
    }),
    { expiresIn: seconds },
  );
