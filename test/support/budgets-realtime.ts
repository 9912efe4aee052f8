import { handler as createTicket } from '../../functions/realtime/create-ticket.ts';
import { handler as listChanges } from '../../functions/realtime/list-changes.ts';
import { messageEvent } from '../../lib/domain/occurrence.ts';
import { insertMessage } from '../../lib/table/messages.ts';
import { commit } from '../../lib/table/transaction.ts';
import { pushEvents } from '../../lib/messaging/push.ts';
import {
  act,
  query,
  readTogether,
  requestsDuring,
  requestsOf,
  transaction,
  type Budget,
  type Chat,
} from './budget-stage.ts';
import { outboundMessage } from './builders.ts';

const pushMessage = async ({ id }: Pick<Chat, 'id'>): Promise<string[]> => {
  const message = outboundMessage(act, id);
  await commit(act.tenant, [insertMessage(act.tenant, message)]);
  return requestsDuring(() => pushEvents(act, [messageEvent(act, 'MessageQueued', message)]));
};

/** What it costs to be told of changes. */
export const realtimeBudgets: readonly Budget[] = [
  {
    operation: 'give a ticket',
    promised: [transaction],
    run: (stage) => requestsOf(createTicket, stage.call({}, { method: 'POST' }), 201),
  },
  { operation: 'push a message', promised: [readTogether, query, transaction], run: (_, chat) => pushMessage(chat) },
  {
    operation: 'catch up',
    promised: [query, readTogether],
    run: async (stage, chat) => {
      await pushMessage(chat);
      const since = new Date(Date.now() + 30_000).toISOString();
      return requestsOf(listChanges, stage.call({}, { query: { since } }), 200);
    },
  },
];
