import { replaceChat as route } from '../../lib/contract/chats.ts';
import { showChat } from '../../lib/domain/whatsapp-window.ts';
import { replaceChat } from '../../lib/messaging/chats.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** PUT /crm/chats/{chatId}: who has the chat, and whether it is open, resolved or snoozed. */
export const handler = serve(route, async ({ params: { chatId }, body, act, ifMatch }) =>
  ok(showChat(await replaceChat(act, chatId, body, ifMatch), act.now())),
);
