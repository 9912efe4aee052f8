import { reportKey, signSheetLink } from '../../lib/cloud/sheets.ts';
import { getImportReport } from '../../lib/contract/imports.ts';
import { secondsAfter } from '../../lib/domain/act.ts';
import { Failure } from '../../lib/domain/failure.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getImport } from '../../lib/table/imports.ts';

const LINK_SECONDS = 600;

/** GET /crm/imports/{importId}/report: the address of a CSV file of what became of each row. */
export const handler = serve(getImportReport, async ({ params, act }) => {
  const { id, run, hasReport } = await getImport(act.tenant, params.importId);
  if (!hasReport) throw new Failure('import.unfinished', 'The report is written when all rows are done.');
  const url = await signSheetLink(reportKey(act.tenant, id, run), LINK_SECONDS);
  return ok({ url, expiresAt: secondsAfter(act.now(), LINK_SECONDS) });
});
