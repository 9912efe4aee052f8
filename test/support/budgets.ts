import { handler as getChat } from '../../functions/chats/get-chat.ts';
import { handler as listChats } from '../../functions/chats/list-chats.ts';
import { handler as listMessages } from '../../functions/chats/list-messages.ts';
import { handler as markMessageRead } from '../../functions/chats/mark-message-read.ts';
import { handler as sendMessage } from '../../functions/chats/send-message.ts';
import { handler as getClient } from '../../functions/clients/get-client.ts';
import { handler as listClients } from '../../functions/clients/list-clients.ts';
import { handler as receiveTwilio } from '../../functions/webhooks/receive-twilio.ts';
import { handler as reportTwilio } from '../../functions/webhooks/report-twilio.ts';
import type { MessageRecord } from '../../lib/domain/message.ts';
import { insertMessage } from '../../lib/table/messages.ts';
import { commit } from '../../lib/table/transaction.ts';
import {
  act,
  query,
  read,
  readTogether,
  requestsOf,
  transaction,
  type Budget,
  type Chat,
  type Stage,
} from './budget-stage.ts';
import { assignmentBudgets } from './budgets-assignment.ts';
import { fileBudgets } from './budgets-files.ts';
import { importBudgets } from './budgets-imports.ts';
import { limitBudgets } from './budgets-limits.ts';
import { memberBudgets } from './budgets-members.ts';
import { mergeBudgets } from './budgets-merge.ts';
import { noteBudgets } from './budgets-notes.ts';
import { notificationBudgets } from './budgets-notifications.ts';
import { operationsBudgets } from './budgets-operations.ts';
import { privacyBudgets } from './budgets-privacy.ts';
import { realtimeBudgets } from './budgets-realtime.ts';
import { searchBudgets } from './budgets-search.ts';
import { scheduledBudgets } from './budgets-scheduled.ts';
import { segmentBudgets } from './budgets-segments.ts';
import { statsBudgets } from './budgets-stats.ts';
import { teamBudgets } from './budgets-team.ts';
import { webhookBudgets } from './budgets-webhooks.ts';
import { outboundMessage } from './builders.ts';
import { newPhone } from './random.ts';

/** As the sender leaves it while it calls the provider. */
const startSending = async (stage: Stage, chatId: Chat['id']): Promise<MessageRecord> => {
  const message = outboundMessage(act, chatId, { channelId: stage.channel.id, status: 'sending' });
  const sending = { ...message, delivery: message.delivery && { ...message.delivery, attempt: 1 } };
  await commit(act.tenant, [insertMessage(act.tenant, sending)]);
  return sending;
};

const post = { method: 'POST', body: { text: 'Salom' } };
const listing = (filter: Record<string, string>) => (stage: Stage) =>
  requestsOf(listChats, stage.call({}, { query: filter }), 200);

/** In their order: marking as read needs the message that is unread at first. */
export const budgets: readonly Budget[] = [
  {
    operation: 'get client',
    promised: [read],
    run: (stage, { id }) => requestsOf(getClient, stage.call({ clientId: id }), 200),
  },
  { operation: 'list clients', promised: [query], run: (stage) => requestsOf(listClients, stage.call(), 200) },
  {
    operation: 'list clients by name',
    promised: [query],
    run: (stage) => requestsOf(listClients, stage.call({}, { query: { sort: 'name' } }), 200),
  },
  { operation: 'list chats', promised: [query], run: listing({}) },
  { operation: 'list unread chats', promised: [query], run: listing({ unread: 'true' }) },
  { operation: 'list assigned chats', promised: [query], run: listing({ assigneeId: 'ana' }) },
  {
    operation: 'open chat',
    promised: [query, query],
    run: (stage, { id }) => requestsOf(getChat, stage.call({ chatId: id }), 200),
  },
  {
    operation: 'list messages',
    promised: [read, query],
    run: (stage, { id }) => requestsOf(listMessages, stage.call({ chatId: id }), 200),
  },
  {
    operation: 'send message',
    promised: [readTogether, transaction],
    run: (stage, { id }) => requestsOf(sendMessage, stage.call({ chatId: id }, post), 202),
  },
  {
    operation: 'send message, with an Idempotency-Key',
    promised: [readTogether, read, transaction],
    run: (stage, { id }) => {
      const headers = { 'idempotency-key': act.newId() };
      return requestsOf(sendMessage, stage.call({ chatId: id }, { ...post, headers }), 202);
    },
  },
  {
    operation: 'webhook, known sender',
    promised: [read, transaction],
    run: (stage, { phone }) => requestsOf(receiveTwilio, stage.inbound(phone), 200),
  },
  {
    operation: 'webhook, new sender',
    promised: [read, transaction],
    run: (stage) => requestsOf(receiveTwilio, stage.inbound(newPhone()), 200),
  },
  {
    operation: 'status callback',
    promised: [read, transaction],
    run: async (stage, { id }) =>
      requestsOf(reportTwilio, stage.report(await startSending(stage, id), 'delivered'), 200),
  },
  {
    operation: 'mark one message read',
    promised: [readTogether, transaction],
    run: (stage, { id, unread }) =>
      requestsOf(markMessageRead, stage.call({ chatId: id, messageId: unread }, { method: 'PUT' }), 200),
  },
  ...assignmentBudgets,
  ...noteBudgets,
  ...notificationBudgets,
  ...fileBudgets,
  ...importBudgets,
  ...limitBudgets,
  ...memberBudgets,
  ...mergeBudgets,
  ...operationsBudgets,
  ...privacyBudgets,
  ...realtimeBudgets,
  ...searchBudgets,
  ...scheduledBudgets,
  ...segmentBudgets,
  ...statsBudgets,
  ...teamBudgets,
  ...webhookBudgets,
];
