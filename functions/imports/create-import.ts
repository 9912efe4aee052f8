import { signSheet } from '../../lib/cloud/sheets.ts';
import { createImport } from '../../lib/contract/imports.ts';
import { secondsAfter } from '../../lib/domain/act.ts';
import { newImport } from '../../lib/domain/import.ts';
import { importEvent } from '../../lib/domain/occurrence.ts';
import { created, serve } from '../../lib/runtime/serve.ts';
import { insertImport } from '../../lib/table/imports.ts';

const UPLOAD_SECONDS = 3600;

/** POST /crm/imports: prepares an import, and says where its file is to be uploaded. */
export const handler = serve(createImport, async ({ body, act, remember }) => {
  const record = newImport(act, body.name);
  const form = await signSheet(act.tenant, record.id, UPLOAD_SECONDS);
  const upload = { ...form, expiresAt: secondsAfter(act.now(), UPLOAD_SECONDS) };
  const reply = created({ ...record, upload }, `/crm/imports/${record.id}`);
  await insertImport(act.tenant, record, importEvent(act, 'ImportCreated', record), remember(reply));
  return reply;
});
