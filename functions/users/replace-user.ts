import { replaceUser as route } from '../../lib/contract/users.ts';
import { replaceUser } from '../../lib/domain/user.ts';
import { editUser } from '../../lib/messaging/users.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** PUT /crm/users/{userId}: what is set of a user, who is deactivated or let in again. */
export const handler = serve(route, async ({ params, body, act, ifMatch }) =>
  ok(await editUser(act, params.userId, ifMatch, (before) => replaceUser(act, before, body))),
);
