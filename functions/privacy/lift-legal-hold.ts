import { liftLegalHold } from '../../lib/contract/privacy.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { shownHold } from '../../lib/domain/legal-hold.ts';
import { legalHoldEvent } from '../../lib/domain/occurrence.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';
import { getClientOrDeleted } from '../../lib/table/clients.ts';
import { findLegalHolds, liftLegalHolds } from '../../lib/table/legal-holds.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** DELETE /crm/clients/{clientId}/legal-hold: the client may be erased again, also as far as those go that were merged into it. */
export const handler = serve(liftLegalHold, ({ params: { clientId }, act, ifMatch }) =>
  untilUndisturbed(async () => {
    const client = await getClientOrDeleted(act.tenant, clientId);
    const holds = await findLegalHolds(act.tenant, client);
    const shown = shownHold(clientId, holds);
    requireVersion(ifMatch, shown.version);
    await liftLegalHolds(act, client, holds, legalHoldEvent(act, 'LegalHoldLifted', shown));
    return noContent();
  }),
);
