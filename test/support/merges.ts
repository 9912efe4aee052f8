import type { ClientId } from '../../lib/contract/vocabulary.ts';
import type { Act } from '../../lib/domain/act.ts';
import type { ClientRecord } from '../../lib/domain/client.ts';
import { mergeClients } from '../../lib/messaging/merge.ts';
import { receive } from '../../lib/messaging/receive.ts';
import { undoMerge } from '../../lib/messaging/unmerge.ts';
import { listChats } from '../../lib/table/chat-lists.ts';
import { getChat } from '../../lib/table/chats.ts';
import { findClient, listClients } from '../../lib/table/clients.ts';
import { findHolder } from '../../lib/table/identities.ts';
import { listMessages } from '../../lib/table/messages.ts';
import { addClient, newArrival, newChannelId } from './builders.ts';
import { newPhone } from './random.ts';

const channelId = newChannelId();

/** A client writes. */
export const write = (act: Act, phone: string, text = 'Salom') =>
  receive(act, newArrival({ from: { address: phone, firstName: 'Ana' }, text }, channelId));

export const merge = (act: Act, survivorId: ClientId, absorbedId: ClientId) =>
  mergeClients(act, { survivorId, absorbedId, prefer: {} }, undefined, () => []);

export const undo = (act: Act, survivorId: ClientId, { id }: Awaited<ReturnType<typeof merge>>['merge']) =>
  undoMerge(act, survivorId, id, () => []);

/** Clients with a phone each. */
export const addClients = async (act: Act, count: number): Promise<ClientRecord[]> => {
  const clients: ClientRecord[] = [];
  for (let index = 0; index < count; index += 1) clients.push(await addClient(act, { phone: newPhone() }));
  return clients;
};

export const phoneOf = ({ phone }: ClientRecord): string => phone ?? '';

/** The ids of a client's messages, newest first; its count and its latest message have to be theirs. */
export const threadOf = async ({ tenant }: Act, id: ClientId) => {
  const { items } = await listMessages(tenant, id, { limit: 100 });
  const { unreadCount, lastMessage } = await getChat(tenant, id);
  expect(unreadCount).toBe(items.filter(({ readAt }) => readAt === null).length);
  expect(lastMessage?.id).toBe(items[0]?.id);
  return items.map((message) => message.id);
};

/**
 * Whatever happened: every message is in the thread of one client that is there, in order; the counts and the list of
 * unread chats are exact; whoever is not there leads to one who is, and every phone to one that holds it.
 */
export const expectConsistent = async (
  act: Act,
  clients: readonly ClientRecord[],
  messages: number,
): Promise<ClientId[]> => {
  const active = (await listClients(act.tenant, 'newest', { limit: 100 })).items;
  const threads = await Promise.all(active.map(({ id }) => threadOf(act, id)));
  for (const thread of threads) expect(thread).toEqual(thread.toSorted().toReversed());
  const all = threads.flat();
  expect(new Set(all).size).toBe(all.length);
  expect(all).toHaveLength(messages);
  const unread = (await listChats(act.tenant, { unread: true }, { limit: 100 })).items;
  const counts = await Promise.all(active.map(async ({ id }) => (await getChat(act.tenant, id)).unreadCount));
  expect(unread.map(({ unreadCount }) => unreadCount).toSorted()).toEqual(counts.filter((n) => n > 0).toSorted());
  for (const { id, phone } of clients) {
    const client = await findClient(act.tenant, id);
    const living = client?.state === 'absorbed' ? client.survivorId : id;
    const home = active.find((each) => each.id === living);
    expect(home).toBeDefined();
    if (client?.state === 'absorbed') expect(home?.absorbed).toContain(id);
    const holder = await findHolder(act.tenant, { kind: 'tel', value: phone ?? '' });
    expect(holder).toBe(living);
  }
  return active.map(({ id }) => id);
};
