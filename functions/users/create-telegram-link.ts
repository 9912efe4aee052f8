import { createTelegramLink } from '../../lib/contract/telegram-link.ts';
import { offerLink } from '../../lib/messaging/telegram-link.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/users/me/telegram-link: a code by which a Telegram account is linked to the user. */
export const handler = serve(createTelegramLink, async ({ act, caller }) => ok(await offerLink(act, caller.userId)));
