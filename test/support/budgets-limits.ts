import { deliver } from '../../lib/messaging/deliver.ts';
import { awaitTurn } from '../../lib/messaging/turns.ts';
import { requestReconciliation } from '../../lib/messaging/start-reconciliation.ts';
import { knownChannels } from '../../lib/table/channels.ts';
import { insertMessage } from '../../lib/table/messages.ts';
import { commit } from '../../lib/table/transaction.ts';
import { act, read, readTogether, requestsDuring, transaction, type Budget } from './budget-stage.ts';
import { addClient, addTwilioChannel, newAct, newChannelId, outboundMessage } from './builders.ts';

const update = 'UpdateItemCommand';

/** Of a message of a client, channel and tenant that are new. */
const requestsOfSending = async (): Promise<string[]> => {
  const own = newAct();
  const { channel } = await addTwilioChannel(own);
  const { id: chatId } = await addClient(own);
  const message = outboundMessage(own, chatId, { channelId: channel.id });
  await commit(own.tenant, [insertMessage(own.tenant, message)]);
  await knownChannels(own.tenant);
  const dispatch = { provider: 'twilio', tenantId: own.tenant, chatId, messageId: message.id, dispatch: 1 } as const;
  return requestsDuring(() => deliver(own, dispatch));
};

export const limitBudgets: readonly Budget[] = [
  {
    operation: "take a turn in a channel's line",
    promised: [update],
    run: ({ channel }, { id }) => {
      const unused = { ...channel, id: newChannelId() };
      return requestsDuring(() => awaitTurn(act, outboundMessage(act, id, { channelId: unused.id }), unused));
    },
  },
  {
    operation: 'take a turn for a bulk message',
    promised: [update, update],
    run: ({ channel }, { id }) => {
      const unused = { ...channel, id: newChannelId() };
      const message = outboundMessage(act, id, { channelId: unused.id, lane: 'bulk' });
      return requestsDuring(() => awaitTurn(act, message, unused));
    },
  },
  {
    operation: 'send what stands on the queue',
    promised: [readTogether, readTogether, transaction, transaction, update],
    run: async () => {
      const first = await requestsOfSending();
      // Whoever derives something of the new client reads it at the same moment now and then: budgets are without that.
      return first.filter((command) => command === transaction).length === 2 ? first : requestsOfSending();
    },
  },
  {
    operation: 'ask for a reconciliation',
    promised: [read, transaction],
    run: async () => {
      const own = newAct();
      const { channel } = await addTwilioChannel(own);
      return requestsDuring(() => requestReconciliation(own, channel.id, null, () => []));
    },
  },
];
