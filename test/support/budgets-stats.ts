import { handler as getClientActivity } from '../../functions/stats/get-client-activity.ts';
import { handler as getDashboard } from '../../functions/stats/get-dashboard.ts';
import { handler as getPerformance } from '../../functions/stats/get-performance.ts';
import { handler as getStats } from '../../functions/stats/get-stats.ts';
import { UserIdSchema } from '../../lib/contract/vocabulary.ts';
import { receivedMessage } from '../../lib/domain/message.ts';
import { messageEvent } from '../../lib/domain/occurrence.ts';
import { foldEvents } from '../../lib/messaging/fold-stats.ts';
import { readPerformance } from '../../lib/messaging/read-stats.ts';
import { insertMessage } from '../../lib/table/messages.ts';
import { commit } from '../../lib/table/transaction.ts';
import {
  act,
  query,
  read,
  readTogether,
  requestsDuring,
  requestsOf,
  transaction,
  type Budget,
} from './budget-stage.ts';
import { startInteraction } from './budgets-notes.ts';
import { newAct, newChannelId } from './builders.ts';
import { plantClient } from './indexing.ts';

/** Messages of a client of which no event tells, so that nobody else counts them; another one was counted before. */
const writeQuietly = async (count: number) => {
  const act = newAct();
  const { id } = await plantClient(act);
  const sender = { type: 'sms', id: null, name: null, address: null, handle: null } as const;
  const write = async () => {
    const message = receivedMessage(act, id, {
      transport: 'sms',
      channelId: newChannelId(),
      sender,
      text: 'Salom',
      media: [],
      providerMessageId: act.newId(),
      providerTime: null,
      editOf: null,
    });
    await commit(act.tenant, [insertMessage(act.tenant, message)]);
    return messageEvent(act, 'MessageReceived', message);
  };
  const fold = (events: Parameters<typeof foldEvents>[1]) =>
    foldEvents({ tenant: act.tenant, newId: act.newId }, events);
  await fold([await write()]);
  const events = await Promise.all(Array.from({ length: count }, write));
  return { events, fold };
};

/** What statistics cost. */
export const statsBudgets: readonly Budget[] = [
  {
    // The clients of planned interactions are looked at: some may be gone.
    operation: 'tell how much there is',
    promised: [read, query, query, readTogether],
    run: async (stage, chat) => {
      await startInteraction(chat);
      return requestsOf(getStats, stage.call(), 200);
    },
  },
  {
    operation: 'tell a dashboard of a year',
    promised: [read, query, query, query, query, query, readTogether],
    run: async (stage, chat) => {
      await startInteraction(chat);
      return requestsOf(getDashboard, stage.call({}, { query: { from: '2025-01-01', to: '2026-01-01' } }), 200);
    },
  },
  {
    operation: 'tell how soon clients are answered',
    promised: [read, query, query, query, query],
    run: (stage) => requestsOf(getPerformance, stage.call(), 200),
  },
  {
    operation: 'tell an agent how soon it answers, of 92 days',
    promised: [read, readTogether, readTogether, readTogether, readTogether],
    run: () => {
      const agent = { role: 'agent', userId: UserIdSchema.parse('ana') } as const;
      const days = { from: '2026-01-01', to: '2026-04-02' };
      return requestsDuring(() => readPerformance(act.tenant, agent, days, new Date()));
    },
  },
  {
    operation: "tell of a client's activity",
    promised: [read, read, readTogether, query, query, query, query],
    run: (stage, { id }) => requestsOf(getClientActivity, stage.call({ clientId: id }), 200),
  },
  {
    operation: 'count three new messages',
    promised: [readTogether, readTogether, query, query, query, transaction],
    run: async () => {
      const { events, fold } = await writeQuietly(3);
      return requestsDuring(() => fold(events));
    },
  },
  {
    operation: 'count messages that are as they were',
    promised: [readTogether, readTogether],
    run: async () => {
      const { events, fold } = await writeQuietly(3);
      await fold(events);
      return requestsDuring(() => fold(events));
    },
  },
];
