import { discardDeadLetter } from '../../lib/contract/dead-letters.ts';
import { discard } from '../../lib/messaging/redrive.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';

/** DELETE /crm/dead-letters/{deadLetterId}: removes it for good. */
export const handler = serve(discardDeadLetter, async ({ params: { deadLetterId }, act }) => {
  await discard(act, deadLetterId);
  return noContent();
});
