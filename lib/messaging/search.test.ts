import * as fc from 'fast-check';
import { newAct, outboundMessage } from '../../test/support/builders.ts';
import { plantClient } from '../../test/support/indexing.ts';
import { ClientIdSchema, UserIdSchema, type ClientId, type UserId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { ClientRecord } from '../domain/client.ts';
import type { MessageRecord } from '../domain/message.ts';
import { newNote, type NoteRecord } from '../domain/note.ts';
import { batchWrite, observeRequests } from '../table/client.ts';
import { findClient, replacement } from '../table/clients.ts';
import { noteDocument, type Document } from '../table/documents.ts';
import { noteKey, privateNoteKey } from '../table/keys.ts';
import { insertMessage } from '../table/messages.ts';
import type { Page, Paged } from '../table/page.ts';
import { postingItem } from '../table/postings.ts';
import { knownSettings } from '../table/settings.ts';
import { commit, put } from '../table/transaction.ts';
import { indexDocument } from './index-documents.ts';
import { searchClients } from './search-clients.ts';
import { searchMessages } from './search-messages.ts';

const sent: string[] = [];
observeRequests((command) => sent.push(command));

const [ana, bek] = [UserIdSchema.parse('ana'), UserIdSchema.parse('bek')];

/** Few words, each the beginning of others, so that everything meets everything. */
const WORDS = ['a', 'ab', 'abo', 'abob', 'b', 'ba', 'bao', 'o', 'oa', 'oab'];
let turn = 0;
/** The same at every run, and spread well enough. */
const pick = <Item>(items: readonly Item[]): Item => {
  turn = (turn * 1_103_515_245 + 12_345) % 2_147_483_648;
  const item = items[Math.floor((turn / 2_147_483_648) * items.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
};
const phrase = (most: number): string =>
  Array.from({ length: 1 + pick([...Array(most).keys()]) }, () => pick(WORDS)).join(' ');

const inBatches = async <Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> => {
  for (let start = 0; start < items.length; start += 10) await Promise.all(items.slice(start, start + 10).map(work));
};

const rewrite = async (act: Act, { id }: ClientRecord, change: Partial<ClientRecord>): Promise<ClientRecord> => {
  const before = await findClient(act.tenant, id);
  if (before === undefined) throw new Error('The client is gone.');
  const after = { ...before, ...change };
  await commit(act.tenant, [replacement(act.tenant, before, after)]);
  return { ...after, revision: before.revision + 1 };
};

const plantNote = async (act: Act, { id }: ClientRecord): Promise<NoteRecord> => {
  const author = pick([ana, bek]);
  const input = { text: phrase(3), type: 'general' as const, private: pick([true, false]) };
  const note = newNote(act, id, { userId: author, role: 'agent' }, input);
  const key = note.private ? privateNoteKey(act.tenant, id, author, note.id) : noteKey(act.tenant, id, note.id);
  await commit(act.tenant, [put({ ...key, ...note })]);
  return note;
};

const plantMessage = async (act: Act, { id }: ClientRecord): Promise<MessageRecord> => {
  const message = outboundMessage(act, id, { text: phrase(4) });
  await commit(act.tenant, [insertMessage(act.tenant, message)]);
  return message;
};

interface World {
  readonly act: Act;
  readonly clients: readonly ClientRecord[];
  readonly notes: readonly NoteRecord[];
  readonly messages: readonly MessageRecord[];
}

/** Clients of all states, of which two were merged into others, with notes and messages. */
const makeWorld = async (): Promise<World> => {
  const act = newAct();
  const clients: ClientRecord[] = [];
  for (let count = 0; count < 90; count += 1) {
    const comments = pick([null, phrase(4)]);
    clients.push(await plantClient(act, { firstName: phrase(1), lastName: pick([null, phrase(2)]), comments }));
  }
  const [survivor, one, other, deleted] = clients;
  if (!survivor || !one || !other || !deleted) throw new Error('There are too few clients.');
  const notes: NoteRecord[] = [];
  const messages: MessageRecord[] = [];
  for (const client of [survivor, one, other, deleted, ...clients.slice(0, 40)])
    notes.push(await plantNote(act, client));
  for (let count = 0; count < 150; count += 1) messages.push(await plantMessage(act, pick(clients.slice(0, 8))));
  const changed = [
    await rewrite(act, survivor, { absorbed: [one.id, other.id] }),
    await rewrite(act, one, { state: 'absorbed', survivorId: survivor.id }),
    await rewrite(act, other, { state: 'absorbed', survivorId: one.id }),
    await rewrite(act, deleted, { state: 'deleted' }),
  ];
  const documents: Document[] = [
    ...clients.map(({ id }) => ({ kind: 'client' as const, home: id })),
    ...notes.map((note) => noteDocument(act.tenant, note)),
    ...messages.map(({ id, chatId }) => ({ kind: 'message' as const, home: chatId, id })),
  ];
  await inBatches(documents, (document) => indexDocument(act.tenant, document));
  return { act, clients: [...changed, ...clients.slice(4)], notes, messages };
};

const wordsOf = (...texts: (string | null)[]): string[] => texts.flatMap((text) => text?.split(' ') ?? []);

/** Who shows what stands in this collection? */
const ownerOf = ({ clients }: World, home: ClientId): ClientRecord | undefined =>
  clients.find(({ id, absorbed, state }) => state === 'active' && (id === home || absorbed.includes(home)));

const newestFirst = (items: readonly { readonly id: string }[]): string[] =>
  [...new Set(items.map(({ id }) => id))].toSorted().toReversed();

/** By looking at everything. */
const clientsThatMatch = (world: World, reader: UserId, query: readonly string[]): string[] => {
  const byProfile = world.clients.filter(
    ({ state, firstName, lastName, comments }) =>
      state === 'active' &&
      query.every(
        (word) =>
          wordsOf(firstName, lastName).some((part) => part.startsWith(word)) || wordsOf(comments).includes(word),
      ),
  );
  const byNote = world.notes
    .filter((note) => !note.private || note.authorId === reader)
    .filter(({ text }) => query.every((word) => wordsOf(text).includes(word)))
    .flatMap(({ clientId }) => ownerOf(world, clientId) ?? []);
  return newestFirst([...byProfile, ...byNote]);
};

const messagesThatMatch = (world: World, query: readonly string[], chatId?: ClientId): string[] =>
  newestFirst(
    world.messages
      .filter(({ text }) => query.every((word) => wordsOf(text).includes(word)))
      .filter((message) => {
        const owner = ownerOf(world, message.chatId);
        return owner !== undefined && (chatId === undefined || owner.id === chatId);
      }),
  );

/** All pages, none of them longer than it may be. */
const walk = async <Item extends { readonly id: string }>(
  limit: number,
  read: (page: Page) => Promise<Paged<Item>>,
): Promise<string[]> => {
  const ids: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Paged<Item> = await read({ limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids;
};

describe('what is found, page by page,', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  }, 120_000);

  const queries = fc.uniqueArray(fc.constantFrom(...WORDS, 'boa'), { minLength: 1, maxLength: 3 });
  const limits = fc.constantFrom(1, 3, 20, 100);

  it('are the clients that there are, each once, newest first', async () => {
    await fc.assert(
      fc.asyncProperty(queries, limits, fc.constantFrom(ana, bek), async (query, limit, reader) => {
        const { tenant } = world.act;
        const found = await walk(limit, (page) => searchClients(tenant, reader, query.join(' '), page));
        expect(found).toEqual(clientsThatMatch(world, reader, query));
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it('are the messages that there are, each once, newest first, also in one chat', async () => {
    const chats = fc.constantFrom(undefined, ...world.clients.filter(({ state }) => state === 'active').slice(0, 6));
    await fc.assert(
      fc.asyncProperty(queries, limits, chats, async (query, limit, chat) => {
        const filter = { chatId: chat?.id };
        const found = await walk(limit, (page) => searchMessages(world.act.tenant, query.join(' '), filter, page));
        expect(found).toEqual(messagesThatMatch(world, query, chat?.id));
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it('of a merged client’s messages is shown in the chat of its survivor', async () => {
    const [survivor] = world.clients;
    const { items } = await searchMessages(world.act.tenant, 'a', { chatId: survivor?.id }, { limit: 100 });
    expect(new Set(items.map(({ chatId }) => chatId))).toEqual(new Set([survivor?.id]));
    expect(new Set(items.map(({ clientId }) => clientId))).toEqual(new Set([survivor?.id]));
  });

  it('is nothing in another tenant', async () => {
    const other = newAct().tenant;
    expect(await walk(100, (page) => searchClients(other, ana, 'a', page))).toEqual([]);
    expect(await walk(100, (page) => searchMessages(other, 'a', {}, page))).toEqual([]);
  });
});

describe('the price of a search', () => {
  const act = newAct();
  const [read, query] = ['BatchGetItemCommand', 'QueryCommand'];

  /** A client of which these are the comments. */
  const plant = async (comments: string): Promise<ClientRecord> => {
    const client = await plantClient(act, { comments });
    await indexDocument(act.tenant, { kind: 'client', home: client.id });
    return client;
  };

  /** Newer postings of a word, that lead nowhere: as dear to look at as any. */
  const plantPostings = async (words: readonly string[], count: number): Promise<void> => {
    const items = Array.from({ length: count }, () => ClientIdSchema.parse(act.newId())).flatMap((id) =>
      words.map((word) =>
        postingItem(act.tenant, { space: ['CLIENT'], position: id }, word, { home: id, document: '#CLIENT' }),
      ),
    );
    for (let start = 0; start < items.length; start += 25) {
      await batchWrite(
        act.tenant,
        items.slice(start, start + 25).map((Item) => ({ PutRequest: { Item } })),
      );
    }
  };

  const ask = async (text: string, page: Page = { limit: 50 }) => {
    // Prices are without what is known for a while.
    await knownSettings(act.tenant);
    sent.length = 0;
    const found = await searchClients(act.tenant, ana, text, page);
    return { requests: sent.toSorted(), ...found };
  };

  it('of a rare and a common word is that of the rare one, and a query for each more word', async () => {
    const clients = [await plant('tez kam'), await plant('tez kam'), await plant('kam')];
    await plantPostings(['tez'], 500);
    const rare = await ask('kam');
    expect(rare.items).toHaveLength(3);
    expect(rare.requests).toEqual([read, query, query]);
    for (const text of ['tez kam', 'kam tez']) {
      const both = await ask(text);
      expect(both.items.map(({ id }) => id)).toEqual([clients[1]?.id, clients[0]?.id]);
      expect(both.requests).toEqual([read, query, query, query, query]);
    }
  });

  it('of a word that nobody has is that of asking for it', async () => {
    expect(await ask('tez yoqsoz')).toEqual({ requests: [query, query, query, query], items: [], nextCursor: null });
  });

  it('of a page of a common word is one read', async () => {
    for (let count = 0; count < 25; count += 1) await plant('oddiy');
    const { requests, items } = await ask('oddiy', { limit: 20 });
    expect(items).toHaveLength(20);
    expect(requests).toEqual([read, query, query]);
  });

  it('of common words that seldom meet is bounded: a page ends early, and the next goes on', async () => {
    const { id } = await plant('juft toq');
    await plantPostings(['juft', 'toq'], 400);
    const pages: string[][] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const { items, nextCursor, requests } = await ask('juft toq', { limit: 50, cursor });
      expect(requests.filter((command) => command === read).length).toBeLessThanOrEqual(6);
      expect(requests.filter((command) => command === query).length).toBeLessThanOrEqual(10);
      pages.push(items.map((client) => client.id));
      cursor = nextCursor;
    }
    expect(pages).toEqual([[], [id]]);
  });
});
