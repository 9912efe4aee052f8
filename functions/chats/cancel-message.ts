import { cancelMessage } from '../../lib/contract/scheduled.ts';
import { cancelScheduled } from '../../lib/messaging/schedule.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';

/** DELETE /crm/chats/{chatId}/messages/{messageId}: a scheduled message will not be sent. */
export const handler = serve(cancelMessage, async ({ params: { chatId, messageId }, act, ifMatch }) => {
  await cancelScheduled(act, chatId, messageId, ifMatch);
  return noContent();
});
