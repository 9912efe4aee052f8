import { markChatRead as route } from '../../lib/contract/chats.ts';
import { showChat } from '../../lib/domain/whatsapp-window.ts';
import { markChatRead } from '../../lib/messaging/read.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** PUT /crm/chats/{chatId}/read: marks all of the client's messages as read, or all up to one. */
export const handler = serve(route, async ({ params: { chatId }, body, act }) =>
  ok(showChat(await markChatRead(act, chatId, body?.upToMessageId), act.now())),
);
