import type { ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { fileIdsOf } from '../domain/attachment.ts';
import type { ChatRecord } from '../domain/chat.ts';
import type { ClientRecord } from '../domain/client.ts';
import { MessageRecordSchema, type MessageRecord } from '../domain/message.ts';
import { chatEvent } from '../domain/occurrence.ts';
import { changeHead } from '../table/chat-head.ts';
import { findChats } from '../table/chats.ts';
import { listUnder, removeStored, type Stored } from '../table/collection.ts';
import { MESSAGE, SCHEDULED, TERMS } from '../table/keys.ts';
import { homesOf, whileNotHeld } from '../table/legal-holds.ts';
import { announce } from '../table/outbox.ts';
import { commit, Raced, untilUndisturbed, type Step } from '../table/transaction.ts';
import { distinct, removeMessage, removePostings } from './erasure-removal.ts';
import { regionsOf, type Bounds } from './retention-bounds.ts';

interface Place {
  readonly client: ClientRecord;
  /** The client's own collection, or that of one that was merged into it. */
  readonly home: ClientId;
  readonly bounds: Bounds;
}

const PAGE = 250;

/** What stands under a prefix, page after page; what is removed meanwhile does not move the rest. */
async function* walk(act: Act, home: ClientId, prefix: string, to?: string): AsyncGenerator<Stored> {
  for (let after: string | null | undefined = null; after !== undefined;) {
    const page: Stored[] = await listUnder(act.tenant, home, { prefix, after, ...(to !== undefined && { to }) }, PAGE);
    yield* page;
    after = page.length < PAGE ? undefined : page.at(-1)?.sk;
  }
}

/** What waits for its time, for its turn or for its files is not over, however old it is. */
const isOver = ({ id, dueAt }: MessageRecord, oldest: string): boolean => id < oldest && dueAt === null;

/** The files of messages that stay. A file may be in several. */
const findKeptFiles = async (act: Act, { client, bounds }: Place): Promise<Set<string>> => {
  const kept = new Set<string>();
  for (const home of homesOf(client)) {
    for (const prefix of [MESSAGE, SCHEDULED]) {
      for await (const stored of walk(act, home, prefix)) {
        const message = MessageRecordSchema.parse(stored);
        if (!isOver(message, bounds.messages)) for (const file of fileIdsOf(message)) kept.add(file);
      }
    }
  }
  return kept;
};

const isUnread = ({ direction, readAt }: MessageRecord): boolean => direction === 'inbound' && readAt === null;

/** The chat without so many unread messages; of its latest message nothing is told any more when that is over too. */
const without = (chat: ChatRecord, unread: number, oldest: string): ChatRecord => {
  if (chat.unreadCount < unread) throw new Raced('The chat changed while its messages were read.');
  const { lastMessage } = chat;
  return {
    ...chat,
    unreadCount: chat.unreadCount - unread,
    lastMessage: lastMessage !== null && lastMessage.id < oldest ? null : lastMessage,
  };
};

const isSame = (one: ChatRecord, other: ChatRecord): boolean =>
  one.unreadCount === other.unreadCount && one.lastMessage === other.lastMessage;

/** What the messages leave of the chats that they were in: the client's, and the one that it continues. */
const headSteps = async (act: Act, { client, home, bounds }: Place, unread: number): Promise<Step[]> => {
  const chats = await findChats(act.tenant, [...new Set([client.id, home])]);
  return chats.flatMap((before) => {
    const after = without(before, unread, bounds.messages);
    if (isSame(before, after)) return [];
    const isSeen = before.state === 'active' && before.openedAt !== null;
    return [
      changeHead(act.tenant, before, after),
      ...(isSeen ? [announce(chatEvent(act, 'ChatUpdated', after, before))] : []),
    ];
  });
};

/** A transaction takes a hundred steps: the holds of a client and of ten that it absorbed are 11 of them, the chats' heads 3. */
const MOST_STEPS = 60;

/** In slices that a transaction has room for. */
const slicesOf = <Part extends { readonly steps: readonly Step[] }>(parts: readonly Part[]): Part[][] => {
  const slices: Part[][] = [];
  let room = 0;
  for (const part of parts) {
    if (room < part.steps.length || slices.length === 0) {
      slices.push([]);
      room = MOST_STEPS;
    }
    slices.at(-1)?.push(part);
    room -= part.steps.length;
  }
  return slices;
};

interface MessageRemoval {
  readonly message: MessageRecord;
  readonly steps: readonly Step[];
}

/** Messages go with their files, payloads and names, and what they count for in the same moment. */
const removeMessages = async (act: Act, place: Place, over: readonly Stored[]): Promise<void> => {
  if (over.length === 0) return;
  const messages = over.map((stored) => ({ stored, message: MessageRecordSchema.parse(stored) }));
  const hasFiles = messages.some(({ message }) => fileIdsOf(message).length > 0);
  const kept = hasFiles ? await findKeptFiles(act, place) : undefined;
  const removals: MessageRemoval[] = [];
  for (const { stored, message } of messages) {
    const { steps } = await removeMessage({ act }, stored, kept);
    removals.push({ message, steps });
  }
  for (const slice of slicesOf(removals)) {
    const unread = slice.filter(({ message }) => isUnread(message)).length;
    await untilUndisturbed(async () =>
      commit(act.tenant, [
        ...whileNotHeld(act.tenant, place.client),
        ...distinct(slice.flatMap(({ steps }) => steps)),
        ...(await headSteps(act, place, unread)),
      ]),
    );
  }
};

const removeAll = async (act: Act, { client }: Place, over: readonly Stored[]): Promise<void> => {
  for (const slice of slicesOf(over.map((stored) => ({ steps: [removeStored(stored)] })))) {
    await commit(act.tenant, [...whileNotHeld(act.tenant, client), ...slice.flatMap(({ steps }) => steps)]);
  }
};

const take = async (
  stored: AsyncGenerator<Stored>,
  isWanted: (item: Stored) => boolean,
  most: number,
): Promise<Stored[]> => {
  const taken: Stored[] = [];
  for await (const item of stored) {
    if (taken.length >= most) return taken;
    if (isWanted(item)) taken.push(item);
  }
  return taken;
};

/** Messages that are over, those that were cancelled or made another of, and then what searches found them by. */
const clearMessages = async (act: Act, place: Place, most: number): Promise<number> => {
  const oldest = place.bounds.messages;
  if (oldest === '') return 0;
  let removed = 0;
  for (const prefix of [MESSAGE, SCHEDULED]) {
    const stored = walk(act, place.home, prefix, `${prefix}${oldest}`);
    const over = await take(stored, (item) => isOver(MessageRecordSchema.parse(item), oldest), most - removed);
    await removeMessages(act, place, over);
    removed += over.length;
  }
  return removed + (await clearPostings(act, place, `${TERMS}${MESSAGE}`, oldest, most - removed));
};

/** They are not found any more, and the lists of what they were found by go. */
const clearPostings = async (
  act: Act,
  { home }: Place,
  prefix: string,
  oldest: string,
  most: number,
): Promise<number> => {
  const listings = await take(walk(act, home, prefix, `${prefix}${oldest}`), () => true, most);
  for (const listing of listings) await removePostings({ act, home }, listing);
  return listings.length;
};

/**
 * Removes what is too old of a collection, oldest first. A few queries where nothing is, one transaction for each 60 items.
 *
 * @returns how much was removed; as much as `most` when there may be more
 * @throws Failure `client.legal-hold` when one was set meanwhile
 */
export const clearCollection = async (act: Act, place: Place, most: number): Promise<number> => {
  let removed = await clearMessages(act, place, most);
  for (const { prefix, to, isOver: isGone } of regionsOf(place.bounds)) {
    if (removed >= most) return removed;
    const over = await take(walk(act, place.home, prefix, to), isGone, most - removed);
    if (prefix.startsWith(TERMS)) for (const listing of over) await removePostings({ act, home: place.home }, listing);
    else await removeAll(act, place, over);
    removed += over.length;
  }
  return removed;
};
