import { handler as searchMessages } from '../../functions/chats/search-messages.ts';
import { handler as searchClients } from '../../functions/clients/search-clients.ts';
import { indexDocument } from '../../lib/messaging/index-documents.ts';
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
  type Chat,
  type Stage,
} from './budget-stage.ts';
import { outboundMessage } from './builders.ts';
import { plantClient } from './indexing.ts';

/** A word that nobody else uses. */
const newWord = (): string => `w${act.newId().replaceAll('-', '').slice(-18)}`;

const plant = async (comments: string) => {
  const { id } = await plantClient(act, { comments });
  return { kind: 'client' as const, home: id };
};

const plantMessage = async ({ id }: Chat, text: string) => {
  const message = outboundMessage(act, id, { text });
  await commit(act.tenant, [insertMessage(act.tenant, message)]);
  return { kind: 'message' as const, home: id, id: message.id };
};

const findClient = async (stage: Stage, ...common: readonly string[]): Promise<string[]> => {
  const words = [...common, newWord()].join(' ');
  await indexDocument(act.tenant, await plant(words));
  return requestsOf(searchClients, stage.call({}, { query: { q: words } }), 200);
};

const findMessage = async (stage: Stage, chat: Chat, isInChat: boolean): Promise<string[]> => {
  const word = newWord();
  await indexDocument(act.tenant, await plantMessage(chat, `umumiy ${word}`));
  const filter: Record<string, string> = isInChat ? { chatId: chat.id } : {};
  return requestsOf(searchMessages, stage.call({}, { query: { q: word, ...filter } }), 200);
};

/** What searches cost, and that there is something to be found. */
export const searchBudgets: readonly Budget[] = [
  {
    operation: 'search clients',
    promised: [query, query, readTogether],
    run: (stage) => findClient(stage),
  },
  {
    operation: 'search clients by a common word and a rare one',
    promised: [query, query, query, query, readTogether],
    run: (stage) => findClient(stage, 'umumiy'),
  },
  {
    operation: 'search messages',
    promised: [query, readTogether],
    run: (stage, chat) => findMessage(stage, chat, false),
  },
  {
    operation: "search a chat's messages",
    promised: [read, query, readTogether],
    run: (stage, chat) => findMessage(stage, chat, true),
  },
  {
    operation: 'post a client',
    promised: [read, read, transaction],
    run: async () => {
      const document = await plant('Kechqurun');
      return requestsDuring(() => indexDocument(act.tenant, document));
    },
  },
  {
    operation: 'post a message',
    promised: [read, readTogether, transaction],
    run: async (_, chat) => {
      const document = await plantMessage(chat, 'Buyurtma tayyor');
      return requestsDuring(() => indexDocument(act.tenant, document));
    },
  },
];
