import { awaitTurn } from '../../lib/messaging/turns.ts';
import { requestReconciliation } from '../../lib/messaging/start-reconciliation.ts';
import { act, read, requestsDuring, transaction, type Budget } from './budget-stage.ts';
import { addTwilioChannel, newAct, newChannelId, outboundMessage } from './builders.ts';

const update = 'UpdateItemCommand';

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
    operation: 'ask for a reconciliation',
    promised: [read, transaction],
    run: async () => {
      const own = newAct();
      const { channel } = await addTwilioChannel(own);
      return requestsDuring(() => requestReconciliation(own, channel.id, null, () => []));
    },
  },
];
