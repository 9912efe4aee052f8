import { ClientIdSchema, type ClientId, type TenantId } from '../../lib/contract/vocabulary.ts';
import type { Act } from '../../lib/domain/act.ts';
import { newChat } from '../../lib/domain/chat.ts';
import { ClientRecordSchema, type ClientRecord } from '../../lib/domain/client.ts';
import { findableClient, findableMessage, findableNote, ownerOf, type Findable } from '../../lib/domain/findable.ts';
import { MessageRecordSchema } from '../../lib/domain/message.ts';
import { NoteRecordSchema } from '../../lib/domain/note.ts';
import { insertionSteps } from '../../lib/table/clients.ts';
import { homeOfKey, isPosting } from '../../lib/table/keys.ts';
import { postingItem } from '../../lib/table/postings.ts';
import { commit } from '../../lib/table/transaction.ts';
import { buildClient } from './builders.ts';
import { itemsOf } from './table.ts';

/** A client of which nothing is announced: whoever wrote this test posts it, and nobody else. */
export const plantClient = async (act: Act, changes: Parameters<typeof buildClient>[1] = {}): Promise<ClientRecord> => {
  const client = buildClient(act, changes);
  await commit(act.tenant, insertionSteps(act.tenant, client, newChat(act, client)));
  return client;
};

type Item = Readonly<Record<string, unknown>>;

const lineOf = (clients: ReadonlyMap<ClientId, ClientRecord>, id: ClientId | null): ClientRecord[] => {
  const client = id === null ? undefined : clients.get(id);
  return client === undefined
    ? []
    : [client, ...lineOf(clients, client.state === 'absorbed' ? client.survivorId : null)];
};

/** What shall find this item, if it is a document. */
const findableOf = (clients: ReadonlyMap<ClientId, ClientRecord>, item: Item): Findable | undefined => {
  const sk = String(item.sk);
  const line = lineOf(clients, ClientIdSchema.safeParse(homeOfKey(String(item.pk))).data ?? null);
  const [home] = line;
  if (home === undefined) return undefined;
  if (sk === '#CLIENT') return findableClient(home);
  if (sk.startsWith('MESSAGE#')) return findableMessage(MessageRecordSchema.parse(item), home);
  if (!/^P?NOTE#/.test(sk)) return undefined;
  const owner = ownerOf(line);
  return owner && findableNote(NoteRecordSchema.parse(item), owner);
};

/** The postings that are there of a tenant, and those that there should be, by looking at every document. */
export const postingsOf = async (tenant: TenantId): Promise<{ there: string[]; due: string[] }> => {
  const items = await itemsOf(tenant);
  const records = items.filter(({ sk }) => sk === '#CLIENT').map((item) => ClientRecordSchema.parse(item));
  const clients = new Map(records.map((client) => [client.id, client]));
  const due = items.flatMap((item) => {
    const findable = findableOf(clients, item);
    const home = ClientIdSchema.safeParse(homeOfKey(String(item.pk))).data;
    if (findable === undefined || home === undefined) return [];
    return findable.keys.map((key) => postingItem(tenant, findable, key, { home, document: String(item.sk) }));
  });
  const there = items.filter((item) => isPosting({ pk: String(item.pk) }));
  const describe = (item: Item): string => JSON.stringify(Object.entries(item).toSorted());
  return { there: there.map(describe).toSorted(), due: due.map(describe).toSorted() };
};
