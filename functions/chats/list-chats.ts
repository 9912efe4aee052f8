import { listChats as route } from '../../lib/contract/chats.ts';
import { showChat } from '../../lib/domain/whatsapp-window.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listChats } from '../../lib/table/chat-lists.ts';

/** GET /crm/chats: chats by their latest message; all open ones unless a filter says otherwise. */
export const handler = serve(route, async ({ query, caller, act }) => {
  const { unread, status, transport, channelId, ...page } = query;
  const assigneeId = query.assigneeId === 'me' ? caller.userId : query.assigneeId;
  const filter = { unread: unread === 'true', status, assigneeId, transport, channelId };
  const { items, nextCursor } = await listChats(act.tenant, filter, page);
  return ok({ items: items.map((chat) => showChat(chat, act.now())), nextCursor });
});
