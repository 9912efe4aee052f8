import { startImport as route } from '../../lib/contract/imports.ts';
import { startImport } from '../../lib/messaging/start-import.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/imports/{importId}/start: imports the uploaded file, or tries it. */
export const handler = serve(route, async ({ params: { importId }, body, act, remember }) => {
  const reply = (record: Awaited<ReturnType<typeof startImport>>) => accepted(record, `/crm/imports/${importId}`);
  return reply(await startImport(act, importId, body, (record) => remember(reply(record))));
});
