import { getMessage } from '../../lib/contract/messages.ts';
import { seenIn } from '../../lib/domain/message.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getMessageWithChat } from '../../lib/table/messages.ts';

/** GET /crm/chats/{chatId}/messages/{messageId}: one message. */
export const handler = serve(getMessage, async ({ params: { chatId, messageId }, act }) => {
  const { message } = await getMessageWithChat(act.tenant, chatId, messageId);
  return ok(seenIn(chatId)(message));
});
