import { listAttempts } from '../../lib/contract/attempts.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getMessageWithChat } from '../../lib/table/messages.ts';

/** GET /crm/chats/{chatId}/messages/{messageId}/attempts: what was asked of the provider, and what it answered. */
export const handler = serve(listAttempts, async ({ params: { chatId, messageId }, act }) => {
  const { message } = await getMessageWithChat(act.tenant, chatId, messageId);
  return ok({ items: message.delivery?.calls ?? [] });
});
