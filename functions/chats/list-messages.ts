import { listMessages as route } from '../../lib/contract/messages.ts';
import { seenIn } from '../../lib/domain/message.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listMessages } from '../../lib/table/messages.ts';

/** GET /crm/chats/{chatId}/messages: a chat's messages, newest first. */
export const handler = serve(route, async ({ params: { chatId }, query, act }) => {
  const { items, nextCursor } = await listMessages(act.tenant, chatId, query);
  return ok({ items: items.map(seenIn(chatId)), nextCursor });
});
