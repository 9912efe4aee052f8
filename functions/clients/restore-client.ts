import { restoreClient } from '../../lib/contract/clients.ts';
import { withState } from '../../lib/domain/client.ts';
import { Failure, notFound } from '../../lib/domain/failure.ts';
import { clientEvent } from '../../lib/domain/occurrence.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { absenceOf } from '../../lib/table/absorbed.ts';
import { findChat } from '../../lib/table/chats.ts';
import { findClient, showClient } from '../../lib/table/clients.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** POST /crm/clients/{clientId}/restore: brings a deleted client back, or says which of its contacts is taken. */
export const handler = serve(restoreClient, ({ params: { clientId }, act }) =>
  untilUndisturbed(async () => {
    const [before, chat] = await Promise.all([findClient(act.tenant, clientId), findChat(act.tenant, clientId)]);
    if (before === undefined || chat === undefined) throw notFound();
    if (before.state === 'active') throw new Failure('client.not-deleted', 'This client is not deleted.');
    if (before.state !== 'deleted') throw absenceOf(before);
    const after = withState(act, before, 'active');
    await showClient(act.tenant, before, after, chat, clientEvent(act, 'ClientRestored', after), []);
    return ok(after);
  }),
);
