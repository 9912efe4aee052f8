import { listUsers as route } from '../../lib/contract/users.ts';
import { showUser } from '../../lib/domain/user.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listUsers } from '../../lib/table/users.ts';

/** GET /crm/users: who works with the clients. */
export const handler = serve(route, async ({ query: { active, availability, ...page }, caller, act }) => {
  const filter = { active: active === undefined ? undefined : active === 'true', availability };
  const { items, nextCursor } = await listUsers(act.tenant, filter, page);
  return ok({ items: items.map((user) => showUser(caller, user)), nextCursor });
});
