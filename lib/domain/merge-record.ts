import * as z from 'zod';
import { MERGED_FIELDS, CUSTOM_FIELD, MergeSchema } from '../contract/merge.ts';
import { ClientIdSchema, MergeIdSchema } from '../contract/vocabulary.ts';
import { isDeepStrictEqual } from 'node:util';
import { instant, secondsAfter, type Act } from './act.ts';
import { ChatRecordSchema, type ChatRecord } from './chat.ts';
import type { ClientRecord } from './client.ts';
import { FormerConsentsSchema } from './consents.ts';

const UNDO_SECONDS = 7 * 24 * 3600;

const FieldTakenSchema = z.object({ field: z.string(), before: z.unknown().optional(), after: z.unknown().optional() });
export type FieldTaken = z.infer<typeof FieldTakenSchema>;

const standing = { status: true, snoozedUntil: true, openSince: true, resolvedAt: true } as const;

/** How the survivor's chat stood before, and what of it the merge changed. */
const ChatTakenSchema = z.object({
  before: ChatRecordSchema.pick({
    ...standing,
    assigneeId: true,
    openedAt: true,
    lastInboundTransport: true,
    routesBack: true,
  }),
  after: ChatRecordSchema.pick({ ...standing, assigneeId: true, lastMessage: true }),
});

/** A merge as it is stored, with what the survivor took. */
export const MergeRecordSchema = MergeSchema.extend({
  survivorId: ClientIdSchema,
  /** Null once it was undone: what was another client's is not kept with this one. */
  taken: z
    .object({
      fields: z.array(FieldTakenSchema),
      tags: z.array(z.string()),
      /** Which contacts neither of the two had: a phone that gave way to the other's. */
      madeContacts: z.array(z.string()).default([]),
      /** Addresses that the survivor had given up before: what was said about them it knew by itself. */
      formerAddresses: z.array(FormerConsentsSchema.pick({ kind: true, value: true })).default([]),
      chat: ChatTakenSchema,
    })
    .nullable(),
  revision: z.int(),
});
export type MergeRecord = z.infer<typeof MergeRecordSchema>;

interface Change<Value> {
  readonly before: Value;
  readonly after: Value;
}

const fieldsTaken = ({ before, after }: Change<ClientRecord>): FieldTaken[] => {
  const names = new Set([...Object.keys(before.customFields), ...Object.keys(after.customFields)]);
  return [
    ...MERGED_FIELDS.map((field) => ({ field, before: before[field], after: after[field] })),
    ...[...names].map((name) => ({
      field: `${CUSTOM_FIELD}${name}`,
      before: before.customFields[name],
      after: after.customFields[name],
    })),
  ].filter((change) => !isDeepStrictEqual(change.before, change.after));
};

export const newMerge = (
  act: Act,
  absorbed: ClientRecord,
  client: Change<ClientRecord>,
  chat: Change<ChatRecord>,
): MergeRecord => {
  const known = [...client.before.contacts, ...absorbed.contacts].map(({ id }) => id);
  return MergeRecordSchema.parse({
    id: MergeIdSchema.parse(act.newId()),
    survivorId: client.before.id,
    absorbedId: absorbed.id,
    absorbedClient: { firstName: absorbed.firstName, lastName: absorbed.lastName },
    mergedAt: instant(act.now()),
    mergedBy: act.actor,
    undoUntil: secondsAfter(act.now(), UNDO_SECONDS),
    undoneAt: null,
    undoneBy: null,
    taken: {
      fields: fieldsTaken(client),
      tags: client.after.tags.filter((tag) => !client.before.tags.includes(tag)),
      madeContacts: client.after.contacts.map(({ id }) => id).filter((id) => !known.includes(id)),
      formerAddresses: client.before.formerConsents,
      chat,
    },
    revision: 1,
  });
};

/** A later merge into the same survivor once an earlier one is undone; undefined where that makes no difference to it. */
export const rebased = (before: MergeRecord, taken: MergeRecord['taken']): MergeRecord | undefined =>
  isDeepStrictEqual(taken, before.taken) ? undefined : { ...before, taken, revision: before.revision + 1 };

export const undone = (act: Act, merge: MergeRecord): MergeRecord => ({
  ...merge,
  absorbedClient: null,
  undoneAt: instant(act.now()),
  undoneBy: act.actor,
  taken: null,
  revision: merge.revision + 1,
});
