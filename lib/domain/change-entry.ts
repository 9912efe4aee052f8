import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { ContactSchema, CustomFieldsSchema } from '../contract/clients.ts';
import { ChangesSchema, type Change, type HistoryKind } from '../contract/history.ts';
import { InteractionSchema } from '../contract/interactions.ts';
import { ClientIdSchema, InstantSchema, type ClientId } from '../contract/vocabulary.ts';
import type { DomainEvent, EventType } from '../events/catalogue.ts';

const common = {
  id: z.uuid(),
  type: z.string(),
  at: InstantSchema,
  actor: z.object({ type: z.enum(['user', 'client', 'system']), id: z.string() }),
};

/** What is kept of an event for a client's history; its place follows from the event's id. */
export const ChangeEntrySchema = z.discriminatedUnion('kind', [
  z.object({ ...common, kind: z.literal('interaction'), data: InteractionSchema }),
  z.object({ ...common, kind: z.enum(['profile', 'status', 'tag']), data: ChangesSchema }),
]);
export type ChangeEntry = z.infer<typeof ChangeEntrySchema>;

/** Messages, notes and interactions stand in the history as they are; these are told of by events alone. */
const kinds: Partial<Record<EventType, Exclude<HistoryKind, 'message' | 'note'>>> = {
  ClientCreated: 'profile',
  ClientUpdated: 'profile',
  ClientDeleted: 'profile',
  ClientRestored: 'profile',
  ClientMerged: 'profile',
  ClientUnmerged: 'profile',
  ContactOptedOut: 'profile',
  ContactOptedIn: 'profile',
  ClientTagged: 'tag',
  ClientUntagged: 'tag',
  ChatCreated: 'status',
  ChatUpdated: 'status',
  InteractionCompleted: 'interaction',
};

/** Happens even when nothing changes by it. */
const happens: readonly EventType[] = [
  'ClientCreated',
  'ClientDeleted',
  'ClientRestored',
  'ClientMerged',
  'ClientUnmerged',
  'ChatCreated',
];

/** Changes with every write, and says nothing. */
const SILENT = ['updatedAt', 'version'];
/** Of a chat's changes, those that somebody decided. */
const DECIDED = ['status', 'snoozedUntil', 'assigneeId'];

/** One change for each element that is in but one of the lists, or not the same in both. */
const elementChanges = (
  field: string,
  from: ReadonlyMap<string, unknown>,
  to: ReadonlyMap<string, unknown>,
): Change[] =>
  [...new Set([...from.keys(), ...to.keys()])]
    .map((key) => ({ field, from: from.get(key) ?? null, to: to.get(key) ?? null }))
    .filter((change) => !isDeepStrictEqual(change.from, change.to));

const contactsById = (value: unknown): Map<string, unknown> =>
  new Map(
    z
      .array(ContactSchema)
      .parse(value)
      .map(({ createdAt: _createdAt, updatedAt: _updatedAt, ...contact }) => [contact.id, contact]),
  );

const tagsByName = (value: unknown): Map<string, unknown> =>
  new Map(
    z
      .array(z.string())
      .parse(value)
      .map((tag) => [tag, tag]),
  );

const fieldChanges = (field: string, from: unknown, to: unknown): Change[] => {
  switch (field) {
    case 'contacts':
      return elementChanges(field, contactsById(from), contactsById(to));
    case 'tags':
      return elementChanges(field, tagsByName(from), tagsByName(to));
    case 'customFields': {
      const [before, after] = [CustomFieldsSchema.parse(from), CustomFieldsSchema.parse(to)];
      const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
      return names.flatMap((name) => fieldChanges(`customFields.${name}`, before[name] ?? null, after[name] ?? null));
    }
    default:
      return isDeepStrictEqual(from, to) ? [] : [{ field, from: from ?? null, to: to ?? null }];
  }
};

const changesOf = ({ subject, data, previous = {} }: DomainEvent): Change[] => {
  const after = new Map<string, unknown>(Object.entries(data));
  const told = Object.entries(previous).filter(([field]) =>
    subject.type === 'chat' ? DECIDED.includes(field) : !SILENT.includes(field),
  );
  return told.flatMap(([field, from]) => fieldChanges(field, from, after.get(field)));
};

/** Of a merge the names of the two are enough: should it be undone, nothing of the one may be left with the other. */
const dataOf = (event: DomainEvent) =>
  event.type === 'ClientMerged' || event.type === 'ClientUnmerged'
    ? { changes: [], absorbedId: event.data.absorbedId, mergeId: event.data.mergeId }
    : { changes: changesOf(event) };

/** Whose history an event belongs to, and what is kept of it there; undefined for one that belongs to none. */
export const changeEntryOf = (
  event: DomainEvent,
): { readonly clientId: ClientId; readonly entry: ChangeEntry } | undefined => {
  const kind = kinds[event.type];
  if (kind === undefined) return undefined;
  const { id, type, occurredAt: at, actor } = event;
  if (event.subject.type === 'interaction') {
    const { data } = event;
    const entry = ChangeEntrySchema.parse({ id, kind, type, at, actor, data });
    return { clientId: ClientIdSchema.parse('clientId' in data ? data.clientId : undefined), entry };
  }
  const data = dataOf(event);
  if (data.changes.length === 0 && !happens.includes(type)) return undefined;
  const tagsOnly = data.changes.length > 0 && data.changes.every(({ field }) => field === 'tags');
  const entry = ChangeEntrySchema.parse({ id, kind: tagsOnly ? 'tag' : kind, type, at, actor, data });
  return { clientId: ClientIdSchema.parse(event.subject.id), entry };
};
