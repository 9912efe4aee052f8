import { handler as eraseClient } from '../../functions/privacy/erase-client.ts';
import { handler as exportClient } from '../../functions/privacy/export-client.ts';
import { handler as getErasure } from '../../functions/privacy/get-erasure.ts';
import { handler as liftLegalHold } from '../../functions/privacy/lift-legal-hold.ts';
import { handler as listErasures } from '../../functions/privacy/list-erasures.ts';
import { handler as setLegalHold } from '../../functions/privacy/set-legal-hold.ts';
import { erase } from '../../lib/messaging/erase.ts';
import { addClient } from './builders.ts';
import { act, query, read, readTogether, requestsOf, transaction, type Budget } from './budget-stage.ts';

/** In their order: the export is asked for before it is asked for again, and the hold is set before it is lifted. */
export const privacyBudgets: readonly Budget[] = [
  {
    operation: 'ask for a new export of a client',
    promised: [read, read, transaction],
    run: (stage, { id }) => requestsOf(exportClient, stage.call({ clientId: id }), 202),
  },
  {
    operation: 'put a client under a legal hold',
    promised: [read, readTogether, transaction],
    run: (stage, { id }) =>
      requestsOf(setLegalHold, stage.call({ clientId: id }, { method: 'PUT', body: { reason: 'Court' } }), 200),
  },
  {
    operation: 'lift a legal hold',
    promised: [read, readTogether, transaction],
    run: (stage, { id }) => requestsOf(liftLegalHold, stage.call({ clientId: id }, { method: 'DELETE' }), 204),
  },
  {
    operation: 'ask for an erasure',
    promised: [read, transaction],
    run: async (stage) => {
      const { id } = await addClient(act);
      return requestsOf(eraseClient, stage.call({ clientId: id }, { method: 'POST' }), 202);
    },
  },
  {
    operation: 'get the receipt of an erasure',
    promised: [read],
    run: async (stage) => {
      const { id } = await erase(act, (await addClient(act)).id, () => []);
      return requestsOf(getErasure, stage.call({ erasureId: id }), 200);
    },
  },
  {
    operation: 'list the receipts of erasures',
    promised: [query],
    run: (stage) => requestsOf(listErasures, stage.call(), 200),
  },
];
