import { exportClient } from '../../lib/contract/privacy.ts';
import { requestExport, shownExport } from '../../lib/messaging/export-client.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** GET /crm/clients/{clientId}/export: the caller's export of a client, made when it is first asked for. */
export const handler = serve(exportClient, async ({ params, query, act, caller }) => {
  const record = await requestExport(act, params.clientId, caller.userId, query.fresh === 'true');
  const shown = await shownExport(act, record);
  const isOver = shown.state === 'ready' || shown.state === 'failed';
  return isOver ? ok(shown) : { status: 202, body: shown, headers: { 'retry-after': '2' } };
});
