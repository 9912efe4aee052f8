import { readPayload } from '../../lib/cloud/payloads.ts';
import { getDeadLetter as route } from '../../lib/contract/dead-letters.ts';
import { allows } from '../../lib/contract/permissions.ts';
import { letterView } from '../../lib/domain/dead-letter.ts';
import { maskPayload } from '../../lib/domain/masking.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getDeadLetter } from '../../lib/table/dead-letters.ts';

/** GET /crm/dead-letters/{deadLetterId}: what could not be handled, and why. */
export const handler = serve(route, async ({ params: { deadLetterId }, act, caller: { role } }) => {
  const letter = await getDeadLetter(act.tenant, deadLetterId);
  const isPrivate = !allows(role, 'Message.Read') || !allows(role, 'Client.Read');
  const payload = maskPayload(await readPayload(act.tenant, letter.payload), { private: isPrivate });
  return ok({ ...letterView(letter), payload, masked: isPrivate ? ('private' as const) : ('secrets' as const) });
});
