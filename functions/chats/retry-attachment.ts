import { retryAttachment as route } from '../../lib/contract/messages.ts';
import { seenIn } from '../../lib/domain/message.ts';
import { retryAttachment } from '../../lib/messaging/retry-attachment.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/chats/{chatId}/messages/{messageId}/attachments/{index}/retry: fetches a failed attachment again. */
export const handler = serve(route, async ({ params: { chatId, messageId, index }, act }) => {
  const message = await retryAttachment(act, chatId, messageId, index);
  return accepted(seenIn(chatId)(message), `/crm/chats/${chatId}/messages/${messageId}`);
});
