import { sendMessage, type Message } from '../../lib/contract/messages.ts';
import { schedule } from '../../lib/messaging/schedule.ts';
import { send } from '../../lib/messaging/send.ts';
import { userSender } from '../../lib/runtime/auth.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/chats/{chatId}/messages: checks what can be known, and queues the message for its provider, or keeps it for later. */
export const handler = serve(sendMessage, async ({ params: { chatId }, body, act, caller, remember }) => {
  const reply = (message: Message) => accepted(message, `/crm/chats/${chatId}/messages/${message.id}`);
  const { sendAt } = body;
  const message =
    sendAt === undefined
      ? await send(act, chatId, body, userSender(caller), (queued) => remember(reply(queued)))
      : await schedule(act, chatId, { ...body, sendAt }, userSender(caller), (kept) => remember(reply(kept)));
  return reply(message);
});
