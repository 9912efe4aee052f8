import { replaceMe as route } from '../../lib/contract/users.ts';
import { replaceMe } from '../../lib/domain/user.ts';
import { showMe } from '../../lib/messaging/reachable.ts';
import { editUser } from '../../lib/messaging/users.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** PUT /crm/users/me: what users set of themselves. */
export const handler = serve(route, async ({ caller, body, act, ifMatch }) => {
  const user = await editUser(act, caller.userId, ifMatch, (before) => replaceMe(act, before, body));
  return ok(await showMe(act.tenant, user));
});
