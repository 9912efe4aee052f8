import { createExport } from '../../lib/contract/exports.ts';
import { startSheet } from '../../lib/messaging/start-sheet.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/exports: has clients written to a CSV file. */
export const handler = serve(createExport, async ({ body, act, remember }) => {
  const reply = (sheet: Awaited<ReturnType<typeof startSheet>>) => accepted(sheet, `/crm/exports/${sheet.id}`);
  return reply(await startSheet(act, body, (sheet) => remember(reply(sheet))));
});
