import { removeMember as route } from '../../lib/contract/chats.ts';
import { removeMember } from '../../lib/messaging/members.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';

/** DELETE /crm/chats/{chatId}/members/{memberId}: removes a member; who writes takes part again. */
export const handler = serve(route, async ({ params: { chatId, memberId }, act }) => {
  await removeMember(act, chatId, memberId);
  return noContent();
});
