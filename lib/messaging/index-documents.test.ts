import * as fc from 'fast-check';
import { clientProfile, newAct, outboundMessage } from '../../test/support/builders.ts';
import { plantClient, postingsOf } from '../../test/support/indexing.ts';
import { itemsOf } from '../../test/support/table.ts';
import { ClientIdSchema, UserIdSchema, type ClientId, type TenantId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { replaceProfile, withState, type ClientRecord } from '../domain/client.ts';
import { newNote, type NoteRecord } from '../domain/note.ts';
import { observeRequests } from '../table/client.ts';
import { findClient, replacement } from '../table/clients.ts';
import { noteDocument, type Document } from '../table/documents.ts';
import { noteKey, privateNoteKey } from '../table/keys.ts';
import { ListingSchema } from '../table/listings.ts';
import { insertMessage } from '../table/messages.ts';
import { commit, put, remove } from '../table/transaction.ts';
import { indexDocument } from './index-documents.ts';

/** As if the process ended there. */
class Crash extends Error {}
const outlook = { transactions: Infinity };
let requests = 0;
observeRequests((command) => {
  requests += 1;
  if (command !== 'TransactWriteItemsCommand') return;
  if (outlook.transactions === 0) throw new Crash('no power');
  outlook.transactions -= 1;
});

/** Ends when so many transactions were written, wherever it is then. */
const crashAfter = async (transactions: number, work: () => Promise<void>): Promise<void> => {
  outlook.transactions = transactions;
  try {
    await work().catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
  } finally {
    outlook.transactions = Infinity;
  }
};

const ofClient = ({ id }: Pick<ClientRecord, 'id'>): Document => ({ kind: 'client', home: id });

const rewrite = async (act: Act, id: ClientId, change: (client: ClientRecord) => ClientRecord): Promise<void> => {
  const before = await findClient(act.tenant, id);
  if (before === undefined) throw new Error('The client is gone.');
  await commit(act.tenant, [replacement(act.tenant, before, change(before))]);
};

/** Everything that should be posted is, and nothing else; and all of it is settled. */
const isRight = async (tenant: TenantId): Promise<void> => {
  const { there, due } = await postingsOf(tenant);
  expect(there).toEqual(due);
  const listings = (await itemsOf(tenant)).filter(({ sk }) => String(sk).startsWith('TERMS#'));
  expect(listings.map((listing) => ListingSchema.parse(listing).settled)).toEqual(listings.map(() => true));
};

const manyWords = (seed: string, count: number): string =>
  Array.from({ length: count }, (_, index) => `${seed}${index}`).join(' ');

describe('posting a client', () => {
  it('that was changed, again and again, and broke off wherever it was, ends right', async () => {
    const act = newAct();
    const { id } = await plantClient(act);
    const edits = fc.record({
      seed: fc.constantFrom('a', 'b', 'c'),
      words: fc.constantFrom(0, 1, 110, 210),
      transactions: fc.constantFrom(0, 1, 2, 3, 9),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edits, { minLength: 1, maxLength: 3 }), async (sequence) => {
        for (const { seed, words, transactions } of sequence) {
          const comments = words === 0 ? null : manyWords(seed, words);
          await rewrite(act, id, (client) => replaceProfile(act, client, clientProfile({ comments }), null));
          await crashAfter(transactions, () => indexDocument(act.tenant, ofClient({ id })));
        }
        await indexDocument(act.tenant, ofClient({ id }));
        await isRight(act.tenant);
      }),
      { numRuns: 6 },
    );
  }, 60_000);

  it('by many at once, while it changes, ends right', async () => {
    const act = newAct();
    const { id } = await plantClient(act, { comments: manyWords('a', 150) });
    const edit = (round: number): Promise<void> =>
      rewrite(act, id, (client) =>
        replaceProfile(
          act,
          client,
          clientProfile({ comments: manyWords('abc'.charAt(round % 3), 100 * (round % 3)) || null }),
          null,
        ),
      );
    const index = (): Promise<void> => indexDocument(act.tenant, ofClient({ id }));
    for (let round = 0; round < 4; round += 1) await Promise.all([index(), edit(round), index(), index()]);
    await index();
    await isRight(act.tenant);
  });

  it('writes nothing where nothing changed, one transaction for little, and none for what is not there', async () => {
    const act = newAct();
    const client = await plantClient(act, { firstName: 'Olim' });
    const transactionsOf = async (document: Document): Promise<number> => {
      outlook.transactions = 1_000;
      await indexDocument(act.tenant, document);
      return 1_000 - outlook.transactions;
    };
    expect(await transactionsOf(ofClient(client))).toBe(1);
    expect(await transactionsOf(ofClient(client))).toBe(0);
    await rewrite(act, client.id, (before) => replaceProfile(act, before, clientProfile({ firstName: 'Olima' }), null));
    expect(await transactionsOf(ofClient(client))).toBe(1);
    expect(await transactionsOf({ kind: 'client', home: ClientIdSchema.parse(act.newId()) })).toBe(0);
    outlook.transactions = Infinity;
  });

  it('that is deleted leaves nothing posted of it', async () => {
    const act = newAct();
    const client = await plantClient(act, { comments: manyWords('a', 200) });
    await indexDocument(act.tenant, ofClient(client));
    await rewrite(act, client.id, (before) => withState(act, before, 'deleted'));
    await indexDocument(act.tenant, ofClient(client));
    expect((await postingsOf(act.tenant)).there).toEqual([]);
  });
});

describe('posting a note', () => {
  const user = { userId: UserIdSchema.parse('aziz'), role: 'agent' as const };
  const keyOf = (act: Act, note: NoteRecord) =>
    note.private
      ? privateNoteKey(act.tenant, note.clientId, note.authorId, note.id)
      : noteKey(act.tenant, note.clientId, note.id);

  /** Stands where this note stands now, and nowhere else. */
  const write = (act: Act, after: NoteRecord, before?: NoteRecord): Promise<void> => {
    const moved = before !== undefined && before.private !== after.private;
    return commit(act.tenant, [
      ...(moved ? [remove(keyOf(act, before))] : []),
      put({ ...keyOf(act, after), ...after, revision: (before?.revision ?? 0) + 1 }),
    ]);
  };

  it('that is hidden, shown, rewritten and removed, and broke off wherever it was, ends right', async () => {
    const act = newAct();
    const { id: clientId } = await plantClient(act);
    await indexDocument(act.tenant, { kind: 'client', home: clientId });
    const steps = fc.record({
      private: fc.boolean(),
      words: fc.constantFrom(1, 60, 130),
      seed: fc.constantFrom('a', 'b'),
      transactions: fc.constantFrom(0, 1, 2, 5),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 3 }), fc.boolean(), async (sequence, isRemoved) => {
        const created = newNote(act, clientId, user, { text: 'salom', type: 'general', private: false });
        const document = noteDocument(act.tenant, created);
        let note = created;
        await write(act, note);
        for (const { seed, words, transactions, private: hidden } of sequence) {
          const after = { ...note, private: hidden, text: manyWords(seed, words) };
          await write(act, after, note);
          note = { ...after, revision: note.revision + 1 };
          await crashAfter(transactions, () => indexDocument(act.tenant, document));
        }
        if (isRemoved) await commit(act.tenant, [remove(keyOf(act, note))]);
        await indexDocument(act.tenant, document);
        await isRight(act.tenant);
      }),
      { numRuns: 6 },
    );
  });

  it('of a client that was merged posts it under the survivor, and back again', async () => {
    const act = newAct();
    const [survivor, absorbed] = [await plantClient(act), await plantClient(act)];
    const note = newNote(act, absorbed.id, user, { text: 'salom', type: 'general', private: true });
    await write(act, note);
    const index = async (): Promise<void> => {
      for (const client of [survivor, absorbed]) await indexDocument(act.tenant, ofClient(client));
    };
    await index();
    await indexDocument(act.tenant, noteDocument(act.tenant, note));
    await isRight(act.tenant);
    const merge = (state: ClientRecord['state'], survivorId: ClientId | null): Promise<void> =>
      rewrite(act, absorbed.id, (client) => ({ ...client, state, survivorId }));
    await merge('absorbed', survivor.id);
    await crashAfter(1, index);
    await index();
    await isRight(act.tenant);
    expect(JSON.stringify(await postingsOf(act.tenant))).toContain(`${survivor.id}#${note.id}`);
    await merge('active', null);
    await index();
    await isRight(act.tenant);
    expect(JSON.stringify(await postingsOf(act.tenant))).not.toContain(`${survivor.id}#${note.id}`);
  });
});

describe('posting a merged client', () => {
  it('goes on with its notes where it broke off', async () => {
    const act = newAct();
    const [survivor, absorbed] = [await plantClient(act), await plantClient(act)];
    const user = { userId: UserIdSchema.parse('aziz'), role: 'agent' as const };
    for (let count = 0; count < 10; count += 1) {
      const note = newNote(act, absorbed.id, user, { text: 'salom', type: 'general', private: false });
      await commit(act.tenant, [put({ ...noteKey(act.tenant, absorbed.id, note.id), ...note })]);
      await indexDocument(act.tenant, noteDocument(act.tenant, note));
    }
    for (const client of [survivor, absorbed]) await indexDocument(act.tenant, ofClient(client));
    await rewrite(act, absorbed.id, (client) => ({ ...client, state: 'absorbed', survivorId: survivor.id }));
    await crashAfter(9, () => indexDocument(act.tenant, ofClient(absorbed)));
    requests = 0;
    await indexDocument(act.tenant, ofClient(absorbed));
    // One query, one note of five requests, and the client itself.
    expect(requests).toBe(10);
    await isRight(act.tenant);
  });
});

describe('posting a message', () => {
  const plantMessage = async (act: Act, chatId: ClientId, text: string): Promise<Document> => {
    const message = outboundMessage(act, chatId, { text });
    await commit(act.tenant, [insertMessage(act.tenant, message)]);
    return { kind: 'message', home: chatId, id: message.id };
  };

  it('of many words, that broke off wherever it was, ends right', async () => {
    const act = newAct();
    const { id } = await plantClient(act);
    await indexDocument(act.tenant, { kind: 'client', home: id });
    for (const transactions of [0, 1, 2, 3]) {
      const document = await plantMessage(act, id, manyWords('a', 300));
      await crashAfter(transactions, () => indexDocument(act.tenant, document));
      await indexDocument(act.tenant, document);
      await isRight(act.tenant);
    }
  });

  it('while its client is erased leaves nothing once the erasure has taken off what is listed', async () => {
    const act = newAct();
    const { id } = await plantClient(act);
    const documents = await Promise.all(
      Array.from({ length: 6 }, (_, index) => plantMessage(act, id, manyWords('a', 40 * index))),
    );
    const erase = rewrite(act, id, (client) => ({ ...client, state: 'erased' }));
    await Promise.all([erase, ...documents.map((document) => indexDocument(act.tenant, document))]);
    // Events that come late, and come again, find the client erased.
    await Promise.all(documents.map((document) => indexDocument(act.tenant, document)));
    expect((await postingsOf(act.tenant)).there).toEqual([]);
  });
});
