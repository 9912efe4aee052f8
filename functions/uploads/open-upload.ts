import { signFile } from '../../lib/cloud/sign-file.ts';
import { openUpload } from '../../lib/contract/uploads.ts';
import { fileNameOf } from '../../lib/domain/upload.ts';
import { getFile } from '../../lib/messaging/uploads.ts';
import { redirect, serve } from '../../lib/runtime/serve.ts';

const SIGNED_SECONDS = 300;

/** GET /crm/uploads/{uploadId}: redirects to the file, by a signed address that is good for five minutes. */
export const handler = serve(openUpload, async ({ params: { uploadId }, act }) => {
  const file = await getFile(act, uploadId);
  return redirect(await signFile(act.tenant, { ...file, name: fileNameOf(file) }, SIGNED_SECONDS));
});
