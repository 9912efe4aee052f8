import { removePayload } from '../cloud/payloads.ts';
import { UploadIdSchema, type ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { fileIdsOf } from '../domain/attachment.ts';
import type { ChatRecord } from '../domain/chat.ts';
import type { ClientRecord } from '../domain/client.ts';
import { MessageRecordSchema, type MessageRecord } from '../domain/message.ts';
import { chatEvent } from '../domain/occurrence.ts';
import { changeHead } from '../table/chat-head.ts';
import { findChats } from '../table/chats.ts';
import { listUnder, removeStored, type Stored } from '../table/collection.ts';
import { clientKey, MESSAGE, SCHEDULED, TERMS } from '../table/keys.ts';
import { homesOf, whileNotHeld } from '../table/legal-holds.ts';
import { announce } from '../table/outbox.ts';
import { findPayloads, forgetReference } from '../table/references.ts';
import { check, commit, Raced, untilUndisturbed, type Step } from '../table/transaction.ts';
import { distinct, namesOf, removePostings } from './erasure-removal.ts';
import { regionsOf, type Bounds } from './retention-bounds.ts';
import { leaveFiles } from './uploads.ts';

interface Place {
  readonly client: ClientRecord;
  /** The client's own collection, or that of one that was merged into it. */
  readonly home: ClientId;
  readonly bounds: Bounds;
}

/** The client was merged, parted, deleted or restored since it was read: another night will do. */
export class Moved extends Error {
  override name = 'Moved';
}

/** Nobody put a hold on the client, nor did it come together with one who is under a hold. */
const whileFree = (act: Act, client: ClientRecord): Step[] => [
  ...whileNotHeld(act.tenant, client),
  check(
    clientKey(act.tenant, client.id),
    {
      expression: '#state = :state AND (attribute_not_exists(#absorbed) OR size(#absorbed) = :count)',
      names: { '#state': 'state', '#absorbed': 'absorbed' },
      values: { ':state': client.state, ':count': client.absorbed.length },
    },
    () => new Moved('The client is not as it was read.'),
  ),
];

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

/** A transaction takes a hundred steps: the client and the holds of it and of ten that it absorbed are 12, the chats' heads 4. */
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
  readonly payloads: readonly string[];
  readonly steps: readonly Step[];
}

/** A message, what its provider calls it, and the files that nobody else needs. */
const removalOf = async (act: Act, stored: Stored, needed: Set<string>): Promise<MessageRemoval> => {
  const message = MessageRecordSchema.parse(stored);
  const names = namesOf(message);
  const files = fileIdsOf(message).filter((id) => !needed.has(id));
  // Of several messages with the same file, one is enough to see it off.
  for (const id of files) needed.add(id);
  const left = await leaveFiles(
    act,
    files.map((id) => UploadIdSchema.parse(id)),
  );
  const forgotten = names.map((name) => forgetReference(act.tenant, name, act.now()));
  const payloads = await findPayloads(act.tenant, names);
  return { message, payloads, steps: [removeStored(stored), ...forgotten, ...left] };
};

/**
 * Messages go with their names and what they count for in one moment. Their files are left to the due job in that moment:
 * whoever puts a hold on the client a moment before keeps them all.
 */
const removeMessages = async (act: Act, place: Place, over: readonly Stored[]): Promise<void> => {
  const hasFiles = over.some((stored) => fileIdsOf(MessageRecordSchema.parse(stored)).length > 0);
  const needed = hasFiles ? await findKeptFiles(act, place) : new Set<string>();
  const removals: MessageRemoval[] = [];
  for (const stored of over) removals.push(await removalOf(act, stored, needed));
  for (const slice of slicesOf(removals)) {
    const unread = slice.filter(({ message }) => isUnread(message)).length;
    // What is too large for the table: nothing would lead there afterwards.
    for (const payload of slice.flatMap(({ payloads }) => payloads)) await removePayload(act.tenant, payload);
    await commit(act.tenant, [
      ...whileFree(act, place.client),
      ...distinct(slice.flatMap(({ steps }) => steps)),
      ...(await headSteps(act, place, unread)),
    ]);
  }
};

const removeAll = async (act: Act, { client }: Place, over: readonly Stored[]): Promise<void> => {
  for (const slice of slicesOf(over.map((stored) => ({ steps: [removeStored(stored)] })))) {
    await commit(act.tenant, [...whileFree(act, client), ...slice.flatMap(({ steps }) => steps)]);
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
    // Whoever comes in between has changed, or removed, some of what was read.
    removed += await untilUndisturbed(async () => {
      const stored = walk(act, place.home, prefix, `${prefix}${oldest}`);
      const over = await take(stored, (item) => isOver(MessageRecordSchema.parse(item), oldest), most - removed);
      await removeMessages(act, place, over);
      return over.length;
    });
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
 * @throws Failure `client.legal-hold` when one was set meanwhile, Moved
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
