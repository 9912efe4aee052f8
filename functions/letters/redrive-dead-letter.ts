import { redriveDeadLetter } from '../../lib/contract/dead-letters.ts';
import { redriveLetter } from '../../lib/messaging/redrive.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/dead-letters/{deadLetterId}/redrive: puts it back where it came from. */
export const handler = serve(redriveDeadLetter, async ({ params: { deadLetterId }, act }) =>
  accepted(await redriveLetter(act, deadLetterId), `/crm/dead-letters/${deadLetterId}`),
);
