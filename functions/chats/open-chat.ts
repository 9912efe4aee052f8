import { openChat as route } from '../../lib/contract/chats.ts';
import type { ChatRecord } from '../../lib/domain/chat.ts';
import { showChat } from '../../lib/domain/whatsapp-window.ts';
import { openChat } from '../../lib/messaging/chats.ts';
import { created, ok, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/chats: opens a client's chat; a client has one, so asking again gives the same. */
export const handler = serve(route, async ({ body: { clientId }, act, remember }) => {
  const reply = (chat: ChatRecord) => created(showChat(chat, act.now()), `/crm/chats/${chat.id}`);
  const { chat, isNew } = await openChat(act, clientId, (opened) => remember(reply(opened)));
  return isNew ? reply(chat) : ok(showChat(chat, act.now()));
});
