import { listMessages as route } from '../../lib/contract/messages.ts';
import { seenIn } from '../../lib/domain/message.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listMessages } from '../../lib/table/messages.ts';
import { listScheduled } from '../../lib/table/scheduled.ts';

/** GET /crm/chats/{chatId}/messages: a chat's messages, newest first; of those that were scheduled, the waiting or the cancelled. */
export const handler = serve(route, async ({ params: { chatId }, query: { status, ...page }, act }) => {
  const list =
    status === undefined ? listMessages(act.tenant, chatId, page) : listScheduled(act.tenant, chatId, status, page);
  const { items, nextCursor } = await list;
  return ok({ items: items.map(seenIn(chatId)), nextCursor });
});
