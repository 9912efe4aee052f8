import { exportedKey, signSheetLink } from '../../lib/cloud/sheets.ts';
import { getExport } from '../../lib/contract/exports.ts';
import { secondsAfter } from '../../lib/domain/act.ts';
import { notFound } from '../../lib/domain/failure.ts';
import { sheetView } from '../../lib/domain/sheet-export.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { findJobOf } from '../../lib/table/jobs.ts';

const LINK_SECONDS = 600;

/** GET /crm/exports/{exportId}: how an export stands and, once it is done, where its file is. */
export const handler = serve(getExport, async ({ params: { exportId }, act }) => {
  const job = await findJobOf(act.tenant, 'clients-export', exportId);
  if (job === undefined) throw notFound();
  const sheet = sheetView(job, act.now());
  if (sheet.state !== 'done') return ok({ ...sheet, file: null });
  const url = await signSheetLink(exportedKey(act.tenant, exportId), LINK_SECONDS);
  return ok({ ...sheet, file: { url, expiresAt: secondsAfter(act.now(), LINK_SECONDS) } });
});
