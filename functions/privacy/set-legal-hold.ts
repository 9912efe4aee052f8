import { setLegalHold } from '../../lib/contract/privacy.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { changedLegalHold, newLegalHold } from '../../lib/domain/legal-hold.ts';
import { legalHoldEvent } from '../../lib/domain/occurrence.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getClientOrDeleted } from '../../lib/table/clients.ts';
import { findLegalHolds, saveLegalHold } from '../../lib/table/legal-holds.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** PUT /crm/clients/{clientId}/legal-hold: from here on the client may not be erased, for this reason. */
export const handler = serve(setLegalHold, ({ params: { clientId }, body: { reason }, act, ifMatch }) =>
  untilUndisturbed(async () => {
    const client = await getClientOrDeleted(act.tenant, clientId);
    const [before] = await findLegalHolds(act.tenant, client);
    requireVersion(ifMatch, before?.version ?? 0);
    const after = before === undefined ? newLegalHold(act, clientId, reason) : changedLegalHold(act, before, reason);
    const shown = { ...after, clientId };
    const event = legalHoldEvent(act, 'LegalHoldSet', shown, before && { ...before, clientId });
    await saveLegalHold(act, client, before, after, event);
    return ok(shown);
  }),
);
