import { markMessageRead as route } from '../../lib/contract/messages.ts';
import { seenIn } from '../../lib/domain/message.ts';
import { markMessageRead } from '../../lib/messaging/read.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** PUT /crm/chats/{chatId}/messages/{messageId}/read: marks a client's message as read. */
export const handler = serve(route, async ({ params: { chatId, messageId }, act }) =>
  ok(seenIn(chatId)(await markMessageRead(act, chatId, messageId))),
);
