import { deleteTelegramLink } from '../../lib/contract/telegram-link.ts';
import { unlink } from '../../lib/messaging/telegram-link.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';

/** DELETE /crm/users/me/telegram-link: nothing is told on Telegram any more. */
export const handler = serve(deleteTelegramLink, async ({ act, caller }) => {
  await unlink(act, caller.userId);
  return noContent();
});
