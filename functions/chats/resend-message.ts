import { resendMessage, type Message } from '../../lib/contract/messages.ts';
import { resend } from '../../lib/messaging/resend.ts';
import { userSender } from '../../lib/runtime/auth.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/chats/{chatId}/messages/{messageId}/resend: sends a failed or unknown message again, as a new one. */
export const handler = serve(resendMessage, async ({ params: { chatId, messageId }, act, caller, remember }) => {
  const reply = (message: Message) => accepted(message, `/crm/chats/${chatId}/messages/${message.id}`);
  return reply(await resend(act, chatId, messageId, userSender(caller), (message) => remember(reply(message))));
});
