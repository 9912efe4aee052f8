import * as z from 'zod';
import { route } from './route.ts';
import { ChannelIdSchema, InstantSchema, JobIdSchema } from './vocabulary.ts';

export const ReconciliationSchema = z
  .object({
    id: JobIdSchema,
    channelId: ChannelIdSchema,
    state: z.enum(['queued', 'running', 'done', 'failed']),
    /** How many of the provider's messages were looked at. */
    progress: z.object({ done: z.int(), total: z.int().nullable() }),
    found: z.object({
      messages: z.int().meta({ description: 'Of clients, which we had not received' }),
      reports: z.int().meta({ description: 'Of messages of ours, which stood lower' }),
      kept: z.int().meta({ description: 'What could not be taken in, and is among the dead letters' }),
    }),
    from: InstantSchema,
    until: InstantSchema,
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    createdAt: InstantSchema,
    finishedAt: InstantSchema.nullable(),
  })
  .meta({ id: 'Reconciliation' });
export type Reconciliation = z.infer<typeof ReconciliationSchema>;

const channelPath = z.strictObject({ channelId: ChannelIdSchema });
const tag = 'Channels';

export const startReconciliation = route({
  id: 'startReconciliation',
  method: 'POST',
  path: '/crm/channels/{channelId}/reconcile',
  tag,
  summary: 'Asks Twilio for messages and final states that we lack; one that is under way goes on',
  permission: 'Channel.Manage',
  params: channelPath,
  body: z
    .strictObject({
      since: InstantSchema.optional().meta({ description: 'At most 7 days ago; left out: as far back as is needed' }),
    })
    .prefault({}),
  result: ReconciliationSchema,
  statuses: [202],
  problems: ['resource.not-found', 'channel.connecting', 'channel.not-reconcilable'],
  creates: true,
});

export const getReconciliation = route({
  id: 'getReconciliation',
  method: 'GET',
  path: '/crm/channels/{channelId}/reconciliation',
  tag,
  summary: "Says how a channel's latest reconciliation stands",
  permission: 'Channel.Read',
  params: channelPath,
  result: ReconciliationSchema,
  problems: ['resource.not-found'],
});
