import { getChat } from '../../lib/contract/chats.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getChatWithMembers } from '../../lib/table/chats.ts';
import { listMessages } from '../../lib/table/messages.ts';

/** GET /crm/chats/{chatId}: a chat with its members and its latest 50 messages. */
export const handler = serve(getChat, async ({ params: { chatId }, act }) => {
  const [{ chat, members }, messages] = await Promise.all([
    getChatWithMembers(act.tenant, chatId),
    listMessages(act.tenant, chatId, { limit: 50 }),
  ]);
  return ok({ ...chat, members, messages: messages.items });
});
