import { getChat } from '../../lib/contract/chats.ts';
import { seenIn } from '../../lib/domain/message.ts';
import { showChat } from '../../lib/domain/whatsapp-window.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getChatWithMembers } from '../../lib/table/chats.ts';
import { withAbsorbedMembers } from '../../lib/table/members.ts';
import { listMessages } from '../../lib/table/messages.ts';

/** GET /crm/chats/{chatId}: a chat with its members and its latest 50 messages. */
export const handler = serve(getChat, async ({ params: { chatId }, act }) => {
  const head = getChatWithMembers(act.tenant, chatId);
  const [{ chat }, members, messages] = await Promise.all([
    head,
    head.then(({ chat, members }) => withAbsorbedMembers(act.tenant, chat, members)),
    listMessages(
      act.tenant,
      chatId,
      { limit: 50 },
      head.then(({ chat }) => chat),
    ),
  ]);
  return ok({ ...showChat(chat, act.now()), members, messages: messages.items.map(seenIn(chatId)) });
});
