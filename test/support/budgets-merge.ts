import { handler as getChat } from '../../functions/chats/get-chat.ts';
import { handler as listMessages } from '../../functions/chats/list-messages.ts';
import { handler as markMessageRead } from '../../functions/chats/mark-message-read.ts';
import { handler as listHistory } from '../../functions/clients/list-history.ts';
import { handler as listMerges } from '../../functions/clients/list-merges.ts';
import { handler as mergeClients } from '../../functions/clients/merge-clients.ts';
import { handler as previewMerge } from '../../functions/clients/preview-merge.ts';
import { handler as undoMerge } from '../../functions/clients/undo-merge.ts';
import { handler as getClient } from '../../functions/clients/get-client.ts';
import {
  act,
  query,
  read,
  readTogether,
  requestsOf,
  startChat,
  transaction,
  type Budget,
  type Stage,
} from './budget-stage.ts';
import { addClient } from './builders.ts';
import { merge } from './merges.ts';

/** A client into whom another one was merged, who wrote before. */
const startMerged = async (stage: Stage) => {
  const [survivor, absorbed] = [await addClient(act), await startChat(stage, 1)];
  const { merge: done } = await merge(act, survivor.id, absorbed.id);
  return { survivor, absorbed, mergeId: done.id };
};

const merging = async (stage: Stage) => {
  const [survivor, absorbed] = [await addClient(act), await startChat(stage, 1)];
  return stage.call({ clientId: survivor.id }, { method: 'POST', body: { clientId: absorbed.id } });
};

/** What merging costs, and what reading a merged client does. */
export const mergeBudgets: readonly Budget[] = [
  {
    operation: 'preview a merge',
    promised: [readTogether, query],
    run: async (stage) => requestsOf(previewMerge, await merging(stage), 200),
  },
  {
    operation: 'merge two clients',
    promised: [readTogether, transaction],
    run: async (stage) => requestsOf(mergeClients, await merging(stage), 200),
  },
  {
    operation: 'undo a merge',
    promised: [readTogether, readTogether, readTogether, query, transaction],
    run: async (stage) => {
      const { survivor, mergeId } = await startMerged(stage);
      return requestsOf(undoMerge, stage.call({ clientId: survivor.id, mergeId }, { method: 'POST' }), 200);
    },
  },
  {
    operation: 'list what was merged',
    promised: [read, query],
    run: async (stage, { id }) => requestsOf(listMerges, stage.call({ clientId: id }), 200),
  },
  {
    operation: 'be led from an absorbed client to its survivor',
    promised: [read],
    run: async (stage) => {
      const { absorbed } = await startMerged(stage);
      const path = `/crm/clients/${absorbed.id}`;
      return requestsOf(getClient, stage.call({ clientId: absorbed.id }, { path }), 308);
    },
  },
  {
    operation: 'open a chat that absorbed one',
    promised: [query, query, query, query],
    run: async (stage) => {
      const { survivor } = await startMerged(stage);
      return requestsOf(getChat, stage.call({ chatId: survivor.id }), 200);
    },
  },
  {
    operation: 'list the messages of a chat that absorbed one',
    promised: [read, query, query],
    run: async (stage) => {
      const { survivor } = await startMerged(stage);
      return requestsOf(listMessages, stage.call({ chatId: survivor.id }), 200);
    },
  },
  {
    operation: 'mark a message read that stands in an absorbed chat',
    promised: [readTogether, readTogether, transaction],
    run: async (stage) => {
      const { survivor, absorbed } = await startMerged(stage);
      const params = { chatId: survivor.id, messageId: absorbed.unread };
      return requestsOf(markMessageRead, stage.call(params, { method: 'PUT' }), 200);
    },
  },
  {
    operation: 'read the history of a client',
    promised: [read, query, query, query, query, query, query, query, query],
    run: (stage, { id }) => requestsOf(listHistory, stage.call({ clientId: id }), 200),
  },
  {
    operation: 'read the history of a client, of one kind',
    promised: [read, query],
    run: (stage, { id }) => requestsOf(listHistory, stage.call({ clientId: id }, { query: { kind: 'tag' } }), 200),
  },
];
