import * as z from 'zod';
import { InteractionSchema } from './interactions.ts';
import { MessageSchema } from './messages.ts';
import { NoteSchema } from './notes.ts';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { ClientIdSchema, InstantSchema, MergeIdSchema } from './vocabulary.ts';

export const HistoryKindSchema = z
  .enum(['message', 'note', 'interaction', 'profile', 'status', 'tag'])
  .meta({ id: 'HistoryKind' });
export type HistoryKind = z.infer<typeof HistoryKindSchema>;

/** One field before and after. Of lists there is one for each element that came, went or changed. */
export const ChangeSchema = z
  .object({ field: z.string(), from: z.unknown(), to: z.unknown() })
  .meta({ id: 'Change', description: 'null: there was none before, or is none after' });
export type Change = z.infer<typeof ChangeSchema>;

export const ChangesSchema = z
  .object({
    changes: z.array(ChangeSchema),
    /** Of a merge or its undoing. */
    absorbedId: ClientIdSchema.optional(),
    mergeId: MergeIdSchema.optional(),
  })
  .meta({ id: 'Changes' });

const ActorSchema = z.object({ type: z.enum(['user', 'client', 'system']), id: z.string() });

const common = {
  id: z.uuid(),
  /** What happened, in the words of the events. */
  type: z.string(),
  at: InstantSchema,
  actor: ActorSchema,
  /** The beginning of what was said or written, or which fields changed. */
  summary: z.string(),
};

export const HistoryEntrySchema = z
  .discriminatedUnion('kind', [
    z.object({ ...common, kind: z.literal('message'), data: MessageSchema }).meta({ id: 'HistoryMessage' }),
    z.object({ ...common, kind: z.literal('note'), data: NoteSchema }).meta({ id: 'HistoryNote' }),
    z.object({ ...common, kind: z.literal('interaction'), data: InteractionSchema }).meta({ id: 'HistoryInteraction' }),
    z
      .object({ ...common, kind: z.enum(['profile', 'status', 'tag']), data: ChangesSchema })
      .meta({ id: 'HistoryChange' }),
  ])
  .meta({ id: 'HistoryEntry' });
export type HistoryEntry = z.infer<typeof HistoryEntrySchema>;

const KindsSchema = z
  .string()
  .max(100)
  .transform((kinds) => kinds.split(','))
  .pipe(z.array(HistoryKindSchema))
  .meta({ description: 'Of these kinds only, separated by commas', example: 'message,note' });

export const listHistory = route({
  id: 'listHistory',
  method: 'GET',
  path: '/crm/clients/{clientId}/history',
  tag: 'History',
  summary: 'Lists what happened with a client, newest first: messages, notes, interactions, and what was changed',
  permission: 'Client.Read',
  params: z.strictObject({ clientId: ClientIdSchema }),
  query: PageQuerySchema.extend({ kind: KindsSchema.optional() }),
  result: pageOf(HistoryEntrySchema),
  problems: ['resource.not-found', 'cursor.invalid'],
});
