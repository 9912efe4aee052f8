import * as z from 'zod';
import { ClientSchema, ContactSchema } from './clients.ts';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { ClientIdSchema, InstantSchema, MergeIdSchema } from './vocabulary.ts';

/** Of which both clients may have one, and the survivor can have but one. */
export const MERGED_FIELDS = [
  'firstName',
  'lastName',
  'middleName',
  'phone',
  'email',
  'preferredTransport',
  'address',
  'dateOfBirth',
  'timeZone',
  'gender',
  'passportId',
  'pin',
  'comments',
] as const;
export type MergedField = (typeof MERGED_FIELDS)[number];

export const CUSTOM_FIELD = 'customFields.';

const MergeSideSchema = z.enum(['survivor', 'absorbed']).meta({ id: 'MergeSide' });
export type MergeSide = z.infer<typeof MergeSideSchema>;

const isMergedField = (name: string): boolean =>
  MERGED_FIELDS.some((field) => field === name) || name.startsWith(CUSTOM_FIELD);

export const PreferenceSchema = z
  .record(z.string().max(100), MergeSideSchema)
  .superRefine((preference, context) => {
    for (const name of Object.keys(preference).filter((each) => !isMergedField(each))) {
      context.addIssue({ code: 'custom', path: [name], message: 'is not a field of which one value has to win' });
    }
  })
  .default({})
  .meta({
    description:
      'Whose value wins where both clients have one, by field, or by customFields.name. The survivor’s unless said; comments are joined unless said',
    example: { lastName: 'absorbed', 'customFields.size': 'absorbed' },
  });
export type Preference = z.infer<typeof PreferenceSchema>;

export const MergeInputSchema = z
  .strictObject({
    clientId: ClientIdSchema.meta({ description: 'The client to be absorbed' }),
    prefer: PreferenceSchema,
  })
  .meta({ id: 'MergeInput' });

const MergeConflictSchema = z
  .object({ field: z.string(), survivor: z.unknown(), absorbed: z.unknown(), winner: MergeSideSchema })
  .meta({
    id: 'MergeConflict',
    description: 'Both clients have a value. The other one is kept with the absorbed client',
  });
export type MergeConflict = z.infer<typeof MergeConflictSchema>;

const MergeProblemSchema = z
  .object({ code: z.literal('client.merge-limit'), field: z.string(), limit: z.int(), detail: z.string() })
  .meta({ id: 'MergeProblem' });
export type MergeProblem = z.infer<typeof MergeProblemSchema>;

export const MergePreviewSchema = z
  .object({
    /** What the survivor would be; over its limits where `problems` say so. */
    client: ClientSchema.extend({ customFields: z.record(z.string(), z.unknown()) }).meta({ id: 'PreviewedClient' }),
    conflicts: z.array(MergeConflictSchema),
    joins: z.object({
      contacts: z.array(ContactSchema),
      tags: z.array(z.string()),
      /** Unread messages of the absorbed client. */
      unreadCount: z.int(),
      /** Interactions with the absorbed client that are planned and not completed. */
      openInteractions: z.int(),
      /** The absorbed client, and all that were merged into it before. */
      clients: z.array(ClientIdSchema),
    }),
    /** Why it cannot be done as it is. */
    problems: z.array(MergeProblemSchema),
  })
  .meta({ id: 'MergePreview' });

const ActorSchema = z.object({ type: z.enum(['user', 'client', 'system']), id: z.string() });

export const MergeSchema = z
  .object({
    id: MergeIdSchema,
    absorbedId: ClientIdSchema,
    /** Who was absorbed; null once that was undone. */
    absorbedClient: z.object({ firstName: z.string(), lastName: z.string().nullable() }).nullable(),
    mergedAt: InstantSchema,
    mergedBy: ActorSchema,
    undoUntil: InstantSchema,
    undoneAt: InstantSchema.nullable(),
    undoneBy: ActorSchema.nullable(),
  })
  .meta({ id: 'Merge' });
export type Merge = z.infer<typeof MergeSchema>;

const clientPath = z.strictObject({ clientId: ClientIdSchema });
const tag = 'Merging clients';

export const previewMerge = route({
  id: 'previewMerge',
  method: 'POST',
  path: '/crm/clients/{clientId}/merge/preview',
  tag,
  summary: 'Shows what merging another client into this one would make of it',
  permission: 'Client.Update',
  params: clientPath,
  body: MergeInputSchema,
  result: MergePreviewSchema,
  problems: ['resource.not-found', 'client.merged', 'client.merge-itself'],
});

export const mergeClients = route({
  id: 'mergeClients',
  method: 'POST',
  path: '/crm/clients/{clientId}/merge',
  tag,
  summary: 'Merges another client into this one: its id leads here from then on',
  permission: 'Client.Update',
  params: clientPath,
  body: MergeInputSchema,
  result: ClientSchema.extend({ merge: MergeSchema }).meta({ id: 'MergedClient' }),
  problems: ['resource.not-found', 'client.merged', 'client.merge-itself', 'client.merge-limit', 'version.stale'],
  creates: true,
});

export const listMerges = route({
  id: 'listMerges',
  method: 'GET',
  path: '/crm/clients/{clientId}/merges',
  tag,
  summary: 'Lists which clients were merged into this one, latest first',
  permission: 'Client.Read',
  params: clientPath,
  query: PageQuerySchema,
  result: pageOf(MergeSchema),
  problems: ['resource.not-found', 'cursor.invalid'],
});

export const undoMerge = route({
  id: 'undoMerge',
  method: 'POST',
  path: '/crm/clients/{clientId}/merge/{mergeId}/undo',
  tag,
  summary: 'Takes a merge back, within seven days: the absorbed client is as it was',
  permission: 'Client.Update',
  params: z.strictObject({ clientId: ClientIdSchema, mergeId: MergeIdSchema }),
  result: ClientSchema.extend({ merge: MergeSchema, restored: ClientSchema }).meta({ id: 'UnmergedClient' }),
  problems: [
    'resource.not-found',
    'merge.expired',
    'merge.undone',
    'merge.nested',
    'contact.duplicate',
    'client.pin-duplicate',
    'client.legal-hold',
  ],
  creates: true,
});
