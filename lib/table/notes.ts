import type { NoteType } from '../contract/notes.ts';
import type { ClientId, NoteId, TenantId, UserId } from '../contract/vocabulary.ts';
import { notFound } from '../domain/failure.ts';
import { NoteRecordSchema, type NoteRecord } from '../domain/note.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { absorbedBy, findBelonging, whileActive } from './belongings.ts';
import { clientCollection, NOTE, noteKey, privateNoteKey, privateNotesOf, type Key } from './keys.ts';
import { distinctById, newestFirst } from './merged.ts';
import { announce } from './outbox.ts';
import type { Page, Paged } from './page.ts';
import { oldestShownId } from './retained.ts';
import { pageOfThread } from './thread.ts';
import { absent, commit, getAtOnce, put, remove, replace, unchanged, type Step } from './transaction.ts';

const keyOf = (tenant: TenantId, note: NoteRecord): Key =>
  note.private
    ? privateNoteKey(tenant, note.clientId, note.authorId, note.id)
    : noteKey(tenant, note.clientId, note.id);

const noteItem = (tenant: TenantId, note: NoteRecord) => ({ ...keyOf(tenant, note), ...note });

/** Adds a note. One transaction. @throws Failure `resource.not-found` */
export const insertNote = (
  tenant: TenantId,
  note: NoteRecord,
  event: DomainEvent,
  also: readonly Step[],
): Promise<void> =>
  commit(tenant, [...also, whileActive(tenant, note.clientId), put(noteItem(tenant, note), absent), announce(event)]);

/**
 * Which note of this client is it, if this user may see it? Two reads, side by side: one that turns private or public
 * meanwhile is under one key or the other.
 *
 * @throws Failure `resource.not-found`
 */
export const getNote = async (
  tenant: TenantId,
  clientId: ClientId,
  id: NoteId,
  reader: UserId,
): Promise<NoteRecord> => {
  const keysIn = (home: ClientId): Key[] => [noteKey(tenant, home, id), privateNoteKey(tenant, home, reader, id)];
  const [oldest, item] = await Promise.all([
    oldestShownId(tenant, 'notes'),
    findBelonging(tenant, clientId, keysIn, getAtOnce),
  ]);
  if (item === undefined || id < oldest) throw notFound();
  return NoteRecordSchema.parse(item);
};

interface NoteFilter {
  readonly reader: UserId;
  readonly type?: NoteType | undefined;
}

/**
 * Which notes are there about this client, newest first, that this user may see? One read and two queries, side by side, a
 * page of items; two queries more for each client that was merged into it.
 *
 * @throws Failure `resource.not-found`
 */
export const listNotes = async (
  tenant: TenantId,
  clientId: ClientId,
  { reader, type }: NoteFilter,
  page: Page,
): Promise<Paged<NoteRecord>> => {
  const filter = type && {
    FilterExpression: '#type = :type',
    ExpressionAttributeNames: { '#type': 'type' },
    ExpressionAttributeValues: { ':type': type },
  };
  const thread = {
    id: clientId,
    absorbed: absorbedBy(tenant, clientId),
    sourcesIn: (home: ClientId) =>
      [NOTE, privateNotesOf(reader)].map((prefix) =>
        newestFirst(tenant, clientCollection(tenant, home), prefix, NoteRecordSchema, { ...filter, kind: 'notes' }),
      ),
    positionOf: ({ id }: NoteRecord) => id,
  };
  const list = `notes:${JSON.stringify([clientId, reader, type])}`;
  const { items, nextCursor } = await pageOfThread(tenant, list, thread, page);
  return { items: distinctById(items).map((note) => ({ ...note, clientId })), nextCursor };
};

/** One that turns private or public moves from the one key to the other. */
const replacement = (tenant: TenantId, before: NoteRecord, after: NoteRecord): Step[] =>
  before.private === after.private
    ? [replace(noteItem(tenant, after), before)]
    : [
        remove(keyOf(tenant, before), unchanged(before.revision)),
        put({ ...noteItem(tenant, after), revision: before.revision + 1 }, absent),
      ];

/** Changes a note that was read before. One transaction. @throws Raced */
export const changeNote = (
  tenant: TenantId,
  clientId: ClientId,
  before: NoteRecord,
  after: NoteRecord,
  event: DomainEvent,
): Promise<void> =>
  commit(tenant, [
    whileActive(tenant, clientId, before.clientId),
    ...replacement(tenant, before, after),
    announce(event),
  ]);

/** Removes a note that was read before. One transaction. @throws Raced */
export const removeNote = (
  tenant: TenantId,
  clientId: ClientId,
  before: NoteRecord,
  event: DomainEvent,
): Promise<void> =>
  commit(tenant, [
    whileActive(tenant, clientId, before.clientId),
    remove(keyOf(tenant, before), unchanged(before.revision)),
    announce(event),
  ]);
