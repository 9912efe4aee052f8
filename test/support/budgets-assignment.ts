import { handler as replaceChat } from '../../functions/chats/replace-chat.ts';
import { handler as receiveTwilio } from '../../functions/webhooks/receive-twilio.ts';
import { assignChats } from '../../lib/messaging/assign.ts';
import { wakeChat } from '../../lib/messaging/chats.ts';
import { getChat } from '../../lib/table/chats.ts';
import { chatEvent } from '../../lib/domain/occurrence.ts';
import {
  act,
  read,
  readTogether,
  requestsDuring,
  requestsOf,
  startChat,
  transaction,
  type Budget,
} from './budget-stage.ts';

const resolve = { method: 'PUT', body: { status: 'resolved' } };

/** What it costs to say who has a chat and how it stands, and to be heard of. */
export const assignmentBudgets: readonly Budget[] = [
  {
    operation: 'replace a chat',
    promised: [read, transaction],
    run: async (stage) => {
      const { id } = await startChat(stage, 1);
      return requestsOf(replaceChat, stage.call({ chatId: id }, resolve), 200);
    },
  },
  {
    operation: 'webhook, opening a resolved chat again',
    promised: [read, read, read, transaction, transaction],
    run: async (stage) => {
      const { id, phone } = await startChat(stage, 1);
      await requestsOf(replaceChat, stage.call({ chatId: id }, resolve), 200);
      return requestsOf(receiveTwilio, stage.inbound(phone), 200);
    },
  },
  {
    operation: 'look at a snoozed chat before its time',
    promised: [read],
    run: async (stage) => {
      const { id } = await startChat(stage, 1);
      return requestsDuring(() => wakeChat(act, id));
    },
  },
  {
    operation: 'hear of a chat that counts for whoever has it',
    promised: [readTogether, read],
    run: async (_, { id }) => {
      const event = chatEvent(act, 'ChatCreated', await getChat(act.tenant, id));
      await assignChats(act, [event]);
      return requestsDuring(() => assignChats(act, [event]));
    },
  },
];
