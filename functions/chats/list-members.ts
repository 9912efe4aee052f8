import { listMembers as route } from '../../lib/contract/chats.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getChat } from '../../lib/table/chats.ts';
import { listMembers } from '../../lib/table/members.ts';

/** GET /crm/chats/{chatId}/members: who took part in a chat. */
export const handler = serve(route, async ({ params: { chatId }, query, act }) => {
  const chat = await getChat(act.tenant, chatId);
  return ok(await listMembers(act.tenant, chat, query));
});
