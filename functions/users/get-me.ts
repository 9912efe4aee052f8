import { getMe } from '../../lib/contract/users.ts';
import { showMe } from '../../lib/messaging/reachable.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getUser } from '../../lib/table/users.ts';

/** GET /crm/users/me: the user whose token it is. */
export const handler = serve(getMe, async ({ caller, act }) =>
  ok(await showMe(act.tenant, await getUser(act.tenant, caller.userId))),
);
