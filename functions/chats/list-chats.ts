import { listChats as route } from '../../lib/contract/chats.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listChats } from '../../lib/table/chats.ts';

/** GET /crm/chats: chats by their latest message; all open ones unless a filter says otherwise. */
export const handler = serve(route, async ({ query: { unread, status, assigneeId, transport, ...page }, act }) =>
  ok(await listChats(act.tenant, { unread: unread === 'true', status, assigneeId, transport }, page)),
);
