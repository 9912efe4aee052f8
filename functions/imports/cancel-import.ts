import { cancelImport as route } from '../../lib/contract/imports.ts';
import { cancelImport } from '../../lib/messaging/start-import.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/imports/{importId}/cancel: stops an import; what it did stays done. */
export const handler = serve(route, async ({ params, act }) => ok(await cancelImport(act, params.importId)));
