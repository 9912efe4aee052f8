import { changeMessage } from '../../lib/contract/scheduled.ts';
import { changeScheduled } from '../../lib/messaging/schedule.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** PUT /crm/chats/{chatId}/messages/{messageId}: a scheduled message says something else, or is sent at another time. */
export const handler = serve(changeMessage, async ({ params: { chatId, messageId }, body, act, ifMatch }) =>
  ok(await changeScheduled(act, chatId, messageId, body, ifMatch)),
);
