import { addMember as route } from '../../lib/contract/chats.ts';
import type { Member } from '../../lib/contract/messages.ts';
import { addMember } from '../../lib/messaging/members.ts';
import { created, ok, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/chats/{chatId}/members: adds a user, an address of the client or a service; again gives the same member. */
export const handler = serve(route, async ({ params: { chatId }, body, act, remember }) => {
  const reply = (member: Member) => created(member, `/crm/chats/${chatId}/members`);
  const { member, isNew } = await addMember(act, chatId, body, (added) => remember(reply(added)));
  return isNew ? reply(member) : ok(member);
});
