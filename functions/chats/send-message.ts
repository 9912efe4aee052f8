import { sendMessage, type Message } from '../../lib/contract/messages.ts';
import { send } from '../../lib/messaging/send.ts';
import { userSender } from '../../lib/runtime/auth.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/chats/{chatId}/messages: checks what can be known, and queues the message for its provider. */
export const handler = serve(sendMessage, async ({ params: { chatId }, body, act, caller, remember }) => {
  const reply = (message: Message) => accepted(message, `/crm/chats/${chatId}/messages/${message.id}`);
  return reply(await send(act, chatId, body, userSender(caller), (message) => remember(reply(message))));
});
