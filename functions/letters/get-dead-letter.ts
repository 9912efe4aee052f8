import { readPayload } from '../../lib/cloud/payloads.ts';
import { getDeadLetter as route } from '../../lib/contract/dead-letters.ts';
import { letterView, payloadView } from '../../lib/domain/dead-letter.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getDeadLetter } from '../../lib/table/dead-letters.ts';

/** GET /crm/dead-letters/{deadLetterId}: what could not be handled, and why. */
export const handler = serve(route, async ({ params: { deadLetterId }, act, caller: { role } }) => {
  const letter = await getDeadLetter(act.tenant, deadLetterId);
  return ok({ ...letterView(letter), ...payloadView(role, await readPayload(act.tenant, letter.payload)) });
});
