import { listMessages as route } from '../../lib/contract/messages.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getChat } from '../../lib/table/chats.ts';
import { listMessages } from '../../lib/table/messages.ts';

/** GET /crm/chats/{chatId}/messages: a chat's messages, newest first. */
export const handler = serve(route, async ({ params: { chatId }, query, act }) => {
  const [messages] = await Promise.all([listMessages(act.tenant, chatId, query), getChat(act.tenant, chatId)]);
  return ok(messages);
});
