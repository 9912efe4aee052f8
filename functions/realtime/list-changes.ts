import { listChanges } from '../../lib/contract/realtime.ts';
import { catchUp } from '../../lib/messaging/catch-up.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** GET /crm/changes: what changed since the last push that was heard, as it is now. */
export const handler = serve(listChanges, async ({ query, act, caller }) => ok(await catchUp(act, caller.role, query)));
