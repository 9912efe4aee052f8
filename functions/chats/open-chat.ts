import { openChat as route } from '../../lib/contract/chats.ts';
import { instant } from '../../lib/domain/act.ts';
import { chatEvent } from '../../lib/domain/occurrence.ts';
import { created, ok, serve } from '../../lib/runtime/serve.ts';
import { getChat, openChat } from '../../lib/table/chats.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** POST /crm/chats: opens a client's chat; a client has one, so asking again gives the same. */
export const handler = serve(route, ({ body: { clientId }, act, remember }) =>
  untilUndisturbed(async () => {
    const chat = await getChat(act.tenant, clientId);
    if (chat.openedAt !== null) return ok(chat);
    const openedAt = instant(act.now());
    const opened = { ...chat, openedAt };
    const reply = created(opened, `/crm/chats/${chat.id}`);
    await openChat(act.tenant, chat, openedAt, chatEvent(act, 'ChatCreated', opened), remember(reply));
    return reply;
  }),
);
