import { handler as cancelMessage } from '../../functions/chats/cancel-message.ts';
import { handler as changeMessage } from '../../functions/chats/change-message.ts';
import { handler as listMessages } from '../../functions/chats/list-messages.ts';
import { handler as sendMessage } from '../../functions/chats/send-message.ts';
import { MessageSchema } from '../../lib/contract/messages.ts';
import { secondsAfter } from '../../lib/domain/act.ts';
import { release } from '../../lib/messaging/release.ts';
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
  type Stage,
} from './budget-stage.ts';
import { lambdaContext } from './builders.ts';

const HOUR = 3600;
const planned = () => ({ text: 'Salom', sendAt: secondsAfter(act.now(), HOUR) });

/** A chat of its own, in which one message waits. */
const startScheduled = async (stage: Stage) => {
  const { id: chatId } = await startChat(stage, 1);
  const call = stage.call({ chatId }, { method: 'POST', body: planned() });
  const { body } = await sendMessage(call, lambdaContext());
  const { id } = MessageSchema.parse(JSON.parse(body ?? ''));
  return { chatId, id };
};

/** What it costs to send later. */
export const scheduledBudgets: readonly Budget[] = [
  {
    operation: 'schedule a message',
    promised: [readTogether, transaction],
    run: (stage, { id }) =>
      requestsOf(sendMessage, stage.call({ chatId: id }, { method: 'POST', body: planned() }), 202),
  },
  {
    operation: 'list messages, of which one waits for its time',
    promised: [read, query, query],
    run: async (stage) => {
      const { chatId } = await startScheduled(stage);
      return requestsOf(listMessages, stage.call({ chatId }), 200);
    },
  },
  {
    operation: 'change a scheduled message',
    promised: [read, readTogether, readTogether, transaction],
    run: async (stage) => {
      const { chatId, id } = await startScheduled(stage);
      const call = stage.call({ chatId, messageId: id }, { method: 'PUT', body: planned() });
      return requestsOf(changeMessage, call, 200);
    },
  },
  {
    operation: 'cancel a scheduled message',
    promised: [read, readTogether, transaction],
    run: async (stage) => {
      const { chatId, id } = await startScheduled(stage);
      return requestsOf(cancelMessage, stage.call({ chatId, messageId: id }, { method: 'DELETE' }), 204);
    },
  },
  {
    operation: 'release a scheduled message',
    promised: [read, read, read, readTogether, transaction],
    run: async (stage) => {
      const { chatId, id } = await startScheduled(stage);
      const then = { ...act, now: () => new Date(Date.now() + 2 * HOUR * 1000) };
      return requestsDuring(() => release(then, chatId, id));
    },
  },
];
