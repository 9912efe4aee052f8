import * as z from 'zod';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { ClientIdSchema, InstantSchema, InteractionIdSchema, UserIdSchema } from './vocabulary.ts';

const InteractionTypeSchema = z
  .enum(['call', 'email', 'meeting', 'message', 'visit', 'other'])
  .meta({ id: 'InteractionType' });

/** Follows from the times and the clock: `logged` was never planned and is not completed. */
export const InteractionStatusSchema = z
  .enum(['planned', 'overdue', 'completed', 'logged'])
  .meta({ id: 'InteractionStatus' });
export type InteractionStatus = z.infer<typeof InteractionStatusSchema>;

const outcome = z.string().trim().min(1).max(5000).nullable();
const durationMinutes = z.int().min(0).max(100_000).nullable();

const planned = {
  type: InteractionTypeSchema.default('other'),
  subject: z.string().trim().min(1).max(200),
  description: z.string().trim().min(1).max(5000).nullable().default(null),
  scheduledAt: InstantSchema.nullable().default(null),
  outcome: outcome.default(null),
  durationMinutes: durationMinutes.default(null),
};

export const NewInteractionSchema = z
  .strictObject({
    ...planned,
    completedAt: InstantSchema.nullable().default(null).meta({ description: 'When it took place, if it has' }),
    userId: UserIdSchema.optional().meta({ description: 'Whose it is; yours unless said' }),
  })
  .meta({ id: 'NewInteraction' });
export type NewInteraction = z.infer<typeof NewInteractionSchema>;

export const InteractionReplacementSchema = z
  .strictObject({
    ...planned,
    completedAt: InstantSchema.nullable().optional().meta({
      description: 'Stays as it is unless said. What is completed stays so, but the time of it can be corrected',
    }),
    userId: UserIdSchema.optional().meta({ description: 'Stays as it is unless said' }),
  })
  .meta({ id: 'InteractionReplacement' });
export type InteractionReplacement = z.infer<typeof InteractionReplacementSchema>;

/** What is left out stays as it was planned; `completedAt` is now unless said. */
export const CompletionSchema = z
  .strictObject({
    outcome: outcome.optional(),
    durationMinutes: durationMinutes.optional(),
    completedAt: InstantSchema.optional(),
  })
  .meta({ id: 'Completion' });
export type Completion = z.infer<typeof CompletionSchema>;

export const InteractionSchema = z
  .object({
    id: InteractionIdSchema,
    clientId: ClientIdSchema,
    type: InteractionTypeSchema,
    subject: z.string(),
    description: z.string().nullable(),
    status: InteractionStatusSchema,
    scheduledAt: InstantSchema.nullable(),
    completedAt: InstantSchema.nullable(),
    outcome: z.string().nullable(),
    durationMinutes: z.int().nullable(),
    userId: UserIdSchema,
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
    version: z.int(),
  })
  .meta({ id: 'Interaction' });
export type Interaction = z.infer<typeof InteractionSchema>;

const clientPath = z.strictObject({ clientId: ClientIdSchema });
const interactionPath = z.strictObject({ clientId: ClientIdSchema, interactionId: InteractionIdSchema });
const tag = 'Interactions';

export const listInteractions = route({
  id: 'listInteractions',
  method: 'GET',
  path: '/crm/clients/{clientId}/interactions',
  tag,
  summary: "Lists a client's interactions, newest first",
  permission: 'Interaction.Read',
  params: clientPath,
  query: PageQuerySchema,
  result: pageOf(InteractionSchema),
  problems: ['resource.not-found', 'cursor.invalid'],
});

export const addInteraction = route({
  id: 'addInteraction',
  method: 'POST',
  path: '/crm/clients/{clientId}/interactions',
  tag,
  summary: 'Plans an interaction with a client, or logs one that took place',
  permission: 'Interaction.Create',
  params: clientPath,
  body: NewInteractionSchema,
  result: InteractionSchema,
  statuses: [201],
  problems: ['resource.not-found', 'interaction.future'],
  creates: true,
});

export const getInteraction = route({
  id: 'getInteraction',
  method: 'GET',
  path: '/crm/clients/{clientId}/interactions/{interactionId}',
  tag,
  summary: 'Gets an interaction',
  permission: 'Interaction.Read',
  params: interactionPath,
  result: InteractionSchema,
  problems: ['resource.not-found'],
});

export const replaceInteraction = route({
  id: 'replaceInteraction',
  method: 'PUT',
  path: '/crm/clients/{clientId}/interactions/{interactionId}',
  tag,
  summary: 'Replaces an interaction',
  permission: 'Interaction.Update',
  params: interactionPath,
  body: InteractionReplacementSchema,
  result: InteractionSchema,
  problems: ['resource.not-found', 'interaction.completed', 'interaction.future', 'version.stale'],
});

export const completeInteraction = route({
  id: 'completeInteraction',
  method: 'PATCH',
  path: '/crm/clients/{clientId}/interactions/{interactionId}/complete',
  tag,
  summary: 'Completes an interaction, once',
  permission: 'Interaction.Update',
  params: interactionPath,
  body: CompletionSchema.optional(),
  result: InteractionSchema,
  problems: ['resource.not-found', 'interaction.completed', 'interaction.future', 'version.stale'],
});

/** What can be asked for by name; an instant asks for all that is due until then. */
export const DueSchema = z.union([z.enum(['overdue', 'planned', 'today']), InstantSchema]);
export type Due = z.infer<typeof DueSchema>;

export const listDueInteractions = route({
  id: 'listDueInteractions',
  method: 'GET',
  path: '/crm/interactions',
  tag,
  summary: 'Lists all interactions that are planned and not completed, by the time they are due, earliest first',
  permission: 'Interaction.Read',
  query: PageQuerySchema.extend({
    due: DueSchema.optional().meta({
      description:
        'overdue: before now. planned: from now on. today: on this day in UTC. An instant: until then, overdue ones included. Left out: all',
    }),
    userId: UserIdSchema.optional().meta({ description: 'Only those of this user' }),
  }),
  result: pageOf(InteractionSchema),
  problems: ['cursor.invalid'],
});
