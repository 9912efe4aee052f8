import { handler as replaceChat } from '../../functions/chats/replace-chat.ts';
import { handler as receiveTwilio } from '../../functions/webhooks/receive-twilio.ts';
import { assignChats } from '../../lib/messaging/assign.ts';
import { wakeChat } from '../../lib/messaging/chats.ts';
import { getChat } from '../../lib/table/chats.ts';
import { chatEvent, messageEvent, settingsEvent } from '../../lib/domain/occurrence.ts';
import { receive } from '../../lib/messaging/receive.ts';
import { findHolder } from '../../lib/table/identities.ts';
import { listMessages } from '../../lib/table/messages.ts';
import { getSettings, saveSettings } from '../../lib/table/settings.ts';
import {
  act,
  query,
  read,
  readTogether,
  requestsDuring,
  requestsOf,
  startChat,
  transaction,
  type Budget,
} from './budget-stage.ts';
import { newAct, newArrival } from './builders.ts';

const resolve = { method: 'PUT', body: { status: 'resolved' } };

/** A client has written to a tenant in which chats are given, and nobody works. */
const writeToNobody = async () => {
  const own = newAct();
  const before = await getSettings(own.tenant);
  const after = { ...before, assignment: 'round-robin', version: 2, revision: 1 } as const;
  await saveSettings(own.tenant, before, after, settingsEvent(own, 'SettingsUpdated', after, before));
  const arrival = newArrival();
  await receive(own, arrival);
  const id = await findHolder(own.tenant, { kind: 'tel', value: arrival.inbound.from.address });
  const { items } = id === undefined ? { items: [] } : await listMessages(own.tenant, id, { limit: 1 });
  return { own, events: items.map((message) => messageEvent(own, 'MessageReceived', message)) };
};

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
    operation: 'hear of a message that nobody is there for',
    promised: [read, read, readTogether, query],
    run: async () => {
      const { own, events } = await writeToNobody();
      return requestsDuring(() => assignChats(own, events));
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
