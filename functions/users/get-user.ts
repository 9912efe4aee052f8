import { getUser as route } from '../../lib/contract/users.ts';
import { showUser } from '../../lib/domain/user.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getUser } from '../../lib/table/users.ts';

/** GET /crm/users/{userId}: one of those who work with the clients. */
export const handler = serve(route, async ({ params, caller, act }) =>
  ok(showUser(caller, await getUser(act.tenant, params.userId))),
);
