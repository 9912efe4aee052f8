import * as z from 'zod';
import { ChatSchema } from '../contract/chats.ts';
import { ContactConsentSchema } from '../contract/client-consents.ts';
import { HistoryEntrySchema } from '../contract/history.ts';
import { InteractionSchema } from '../contract/interactions.ts';
import { MergeSchema } from '../contract/merge.ts';
import { MessageSchema } from '../contract/messages.ts';
import { NoteSchema } from '../contract/notes.ts';
import type { ClientId, TenantId, UserId } from '../contract/vocabulary.ts';
import { ChangeEntrySchema } from '../domain/change-entry.ts';
import { listConsents } from '../domain/client-consent.ts';
import { historyOf } from '../domain/history.ts';
import { InteractionRecordSchema, showInteraction } from '../domain/interaction.ts';
import { ScheduledRecordSchema } from '../domain/scheduled.ts';
import { countedFrom, type RetainedKind } from '../domain/retention.ts';
import { listAudit } from '../table/audit.ts';
import { findChat } from '../table/chats.ts';
import { findClient } from '../table/clients.ts';
import { listUnder } from '../table/collection.ts';
import { CHANGE, INTERACTION, MERGE, MESSAGE, NOTE, privateNotesOf, SCHEDULED } from '../table/keys.ts';
import { listAllMembers } from '../table/members.ts';
import { oldestShown, oldestShownId } from '../table/retained.ts';

interface Asked {
  readonly tenant: TenantId;
  /** In whose collection. */
  readonly home: ClientId;
  /** For whom: nobody else's private notes are read. */
  readonly reader: UserId;
  /** What was read last; `null`: nothing yet. */
  readonly after: string | null;
  readonly limit: number;
  readonly now: Date;
}

interface Read {
  readonly items: readonly unknown[];
  /** What was read last; undefined when there is no more. */
  readonly next: string | undefined;
}

/** One list of the document, as the API would show what is in it. */
interface Section {
  readonly name: string;
  readonly read: (asked: Asked) => Promise<Read>;
}

/** What stands under a prefix, oldest first. */
const under =
  (
    prefixOf: (asked: Asked) => string,
    show: (item: unknown, asked: Asked) => unknown,
    isKept: (tenant: TenantId) => Promise<(item: unknown) => boolean> = () => Promise.resolve(() => true),
  ): Section['read'] =>
  async (asked) => {
    const { tenant, home, after, limit } = asked;
    const [kept, stored] = await Promise.all([
      isKept(tenant),
      listUnder(tenant, home, { prefix: prefixOf(asked), after }, limit),
    ]);
    return { items: stored.filter(kept).map((item) => show(item, asked)), next: stored.at(-1)?.sk };
  };

const IdSchema = z.object({ id: z.string() });

/** What is too old to be shown is not exported either. */
const keptAs = (kind: RetainedKind) => async (tenant: TenantId) => {
  const oldest = await oldestShownId(tenant, kind);
  return (item: unknown): boolean => IdSchema.parse(item).id >= oldest;
};

const keptInteractions = async (tenant: TenantId) => {
  const oldest = await oldestShown(tenant, 'interactions');
  return (item: unknown): boolean => countedFrom(InteractionRecordSchema.parse(item)) >= oldest;
};

const as = (schema: z.ZodType) => (item: unknown) => schema.parse(item);

/** What is small by its nature, all at once. */
const whole =
  (list: (tenant: TenantId, home: ClientId) => Promise<readonly unknown[]>): Section['read'] =>
  async ({ tenant, home }) => ({ items: await list(tenant, home), next: undefined });

const chatsOf = async (tenant: TenantId, home: ClientId): Promise<unknown[]> => {
  const chat = await findChat(tenant, home);
  return chat === undefined ? [] : [ChatSchema.parse(chat)];
};

const consentsOf = async (tenant: TenantId, home: ClientId): Promise<unknown[]> => {
  const client = await findClient(tenant, home);
  return client === undefined ? [] : listConsents(client).map((consent) => ContactConsentSchema.parse(consent));
};

const auditOf: Section['read'] = async ({ tenant, home, after, limit }) => {
  const page = { limit, ...(after !== null && { cursor: after }) };
  const { items, nextCursor } = await listAudit(tenant, { subjectId: home }, page);
  return { items, next: nextCursor ?? undefined };
};

/** Of what was sent when its time had come, the messages tell. */
const showScheduled = (item: unknown): unknown => {
  const scheduled = ScheduledRecordSchema.parse(item);
  const { id, sendAt, messageId } = scheduled;
  return messageId === null ? MessageSchema.parse(scheduled) : { id, sendAt, messageId };
};

/** In the order of the document. Of the clients that were merged into one, the lists follow each other. */
export const sections: readonly Section[] = [
  { name: 'chats', read: whole(chatsOf) },
  { name: 'members', read: whole((tenant, home) => listAllMembers(tenant, [home])) },
  { name: 'messages', read: under(() => MESSAGE, as(MessageSchema), keptAs('messages')) },
  { name: 'scheduledMessages', read: under(() => SCHEDULED, showScheduled) },
  { name: 'notes', read: under(() => NOTE, as(NoteSchema), keptAs('notes')) },
  { name: 'privateNotes', read: under(({ reader }) => privateNotesOf(reader), as(NoteSchema), keptAs('notes')) },
  {
    name: 'interactions',
    read: under(
      () => INTERACTION,
      (item, { now }) => InteractionSchema.parse(showInteraction(InteractionRecordSchema.parse(item), now)),
      keptInteractions,
    ),
  },
  { name: 'consents', read: whole(consentsOf) },
  {
    name: 'changes',
    read: under(
      () => CHANGE,
      (item, { home, now }) => HistoryEntrySchema.parse(historyOf(home, now).change(ChangeEntrySchema.parse(item))),
      keptAs('history'),
    ),
  },
  { name: 'merges', read: under(() => MERGE, as(MergeSchema)) },
  { name: 'audit', read: auditOf },
];
