import * as z from 'zod';
import { pageOf, PageQuerySchema, route } from './route.ts';
import {
  BACKWARDS,
  EventIdSchema,
  InstantSchema,
  isForwards,
  JobIdSchema,
  WebhookEndpointIdSchema,
} from './vocabulary.ts';

const EventTypeSchema = z
  .string()
  .regex(/^(?:\*|[A-Z][A-Za-z]{0,63})$/, 'the name of an event, as MessageReceived is, or * for all')
  .meta({ example: 'MessageReceived' });

/** Where another system wants to be told what happens. */
export const WebhookEndpointInputSchema = z
  .strictObject({
    url: z.url().max(2000).meta({
      description: 'https, in a public network; never followed elsewhere',
      example: 'https://example.com/crm',
    }),
    description: z.string().trim().max(200).nullable().default(null),
    eventTypes: z
      .array(EventTypeSchema)
      .min(1)
      .max(100)
      .refine((types) => new Set(types).size === types.length, 'may name each event once'),
    status: z
      .enum(['active', 'disabled'])
      .default('active')
      .meta({ description: 'active again: failures are forgotten' }),
  })
  .meta({ id: 'WebhookEndpointInput' });
export type WebhookEndpointInput = z.infer<typeof WebhookEndpointInputSchema>;

export const WebhookEndpointSchema = z
  .object({
    id: WebhookEndpointIdSchema,
    url: z.string(),
    description: z.string().nullable(),
    eventTypes: z.array(z.string()),
    status: z.enum(['active', 'disabled']),
    disabledBecause: z
      .enum(['asked', 'failing', 'gone'])
      .nullable()
      .meta({ description: 'failing: nothing was taken for days; gone: it answered 410' }),
    failingSince: InstantSchema.nullable().meta({ description: 'Nothing was taken since then' }),
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
    version: z.int(),
  })
  .meta({ id: 'WebhookEndpoint' });
export type WebhookEndpoint = z.infer<typeof WebhookEndpointSchema>;

/** What deliveries are signed with. https://www.standardwebhooks.com */
const WebhookSecretSchema = z
  .object({
    secret: z.string().meta({ example: 'whsec_…' }),
    former: z
      .array(z.object({ secret: z.string(), until: InstantSchema }))
      .meta({ description: 'Sign beside it for a day after a new one was made' }),
  })
  .meta({ id: 'WebhookSecret' });

const AttemptSchema = z.object({
  at: InstantSchema,
  durationMs: z.int(),
  status: z.int().nullable().meta({ description: 'What it answered; null: it did not' }),
  error: z.string().nullable().meta({ description: 'Why there was no answer' }),
});
export type WebhookAttempt = z.infer<typeof AttemptSchema>;

export const WebhookDeliverySchema = z
  .object({
    id: EventIdSchema.meta({ description: "The event's, in every attempt the same" }),
    endpointId: WebhookEndpointIdSchema,
    eventType: z.string(),
    state: z.enum(['pending', 'delivering', 'delivered', 'failed']),
    attempts: z.array(AttemptSchema).meta({ description: 'The latest 20, newest last' }),
    nextAttemptAt: InstantSchema.nullable(),
    createdAt: InstantSchema,
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDelivery = z.infer<typeof WebhookDeliverySchema>;

const times = {
  from: InstantSchema.optional().meta({ description: 'Of events from then on' }),
  to: InstantSchema.optional().meta({ description: 'Of events before then' }),
};

const replay = {
  ...times,
  state: z
    .enum(['failed', 'delivered'])
    .default('failed')
    .meta({ description: 'delivered: what was taken, for whoever has lost it' }),
  eventTypes: z.array(EventTypeSchema).min(1).max(100).optional(),
};

export const ReplayInputSchema = z
  .strictObject(replay)
  .refine(isForwards, BACKWARDS)
  .meta({ id: 'WebhookReplayInput' });

/** As it is stored and shown: it ends when it was asked for, even where it was to begin after that. */
export const ReplayFilterSchema = z.strictObject(replay).meta({ id: 'WebhookReplayFilter' });

export const WebhookReplaySchema = z
  .object({
    id: JobIdSchema,
    endpointId: WebhookEndpointIdSchema,
    state: z.enum(['queued', 'running', 'done', 'failed']),
    filter: ReplayFilterSchema,
    replayed: z.int().meta({ description: 'How many are to be delivered again so far' }),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    createdAt: InstantSchema,
    finishedAt: InstantSchema.nullable(),
  })
  .meta({ id: 'WebhookReplay' });
export type WebhookReplay = z.infer<typeof WebhookReplaySchema>;

const path = z.strictObject({ endpointId: WebhookEndpointIdSchema });
const tag = 'Outgoing webhooks';
const permission = 'Settings.Manage';

export const listWebhookEndpoints = route({
  id: 'listWebhookEndpoints',
  method: 'GET',
  path: '/crm/webhook-endpoints',
  tag,
  summary: 'Lists where other systems are told what happens, newest first',
  permission,
  query: PageQuerySchema,
  result: pageOf(WebhookEndpointSchema),
  problems: ['cursor.invalid'],
});

export const createWebhookEndpoint = route({
  id: 'createWebhookEndpoint',
  method: 'POST',
  path: '/crm/webhook-endpoints',
  tag,
  summary: 'Has another system told of events',
  permission,
  body: WebhookEndpointInputSchema,
  result: WebhookEndpointSchema,
  statuses: [201],
  problems: ['webhook.address', 'webhook.limit'],
  creates: true,
});

export const getWebhookEndpoint = route({
  id: 'getWebhookEndpoint',
  method: 'GET',
  path: '/crm/webhook-endpoints/{endpointId}',
  tag,
  summary: 'Gets an endpoint',
  permission,
  params: path,
  result: WebhookEndpointSchema,
  problems: ['resource.not-found'],
});

export const replaceWebhookEndpoint = route({
  id: 'replaceWebhookEndpoint',
  method: 'PUT',
  path: '/crm/webhook-endpoints/{endpointId}',
  tag,
  summary: 'Replaces where and of what a system is told; disables it, or has it go on',
  permission,
  params: path,
  body: WebhookEndpointInputSchema,
  result: WebhookEndpointSchema,
  problems: ['resource.not-found', 'version.stale', 'webhook.address'],
});

export const deleteWebhookEndpoint = route({
  id: 'deleteWebhookEndpoint',
  method: 'DELETE',
  path: '/crm/webhook-endpoints/{endpointId}',
  tag,
  summary: 'Removes an endpoint; what was not delivered is not',
  permission,
  params: path,
  problems: ['resource.not-found', 'version.stale'],
});

export const rotateWebhookSecret = route({
  id: 'rotateWebhookSecret',
  method: 'POST',
  path: '/crm/webhook-endpoints/{endpointId}/rotate-secret',
  tag,
  summary: 'Makes a new secret; for a day deliveries are signed with both',
  permission,
  params: path,
  result: WebhookEndpointSchema,
  problems: ['resource.not-found'],
  creates: true,
});

export const getWebhookSecret = route({
  id: 'getWebhookSecret',
  method: 'GET',
  path: '/crm/webhook-endpoints/{endpointId}/secret',
  tag,
  summary: 'Gets the secret that deliveries are signed with',
  permission,
  params: path,
  result: WebhookSecretSchema,
  problems: ['resource.not-found'],
});

export const listWebhookDeliveries = route({
  id: 'listWebhookDeliveries',
  method: 'GET',
  path: '/crm/webhook-endpoints/{endpointId}/deliveries',
  tag,
  summary: 'Lists what was delivered, or is to be, newest first; the log of two weeks',
  permission,
  params: path,
  query: PageQuerySchema.extend({
    ...times,
    state: WebhookDeliverySchema.shape.state.optional(),
    eventType: EventTypeSchema.optional(),
  }).refine(isForwards, BACKWARDS),
  result: pageOf(WebhookDeliverySchema),
  problems: ['resource.not-found', 'cursor.invalid'],
});

export const replayWebhookDelivery = route({
  id: 'replayWebhookDelivery',
  method: 'POST',
  path: '/crm/webhook-endpoints/{endpointId}/deliveries/{deliveryId}/replay',
  tag,
  summary: 'Delivers an event again, under the same id',
  permission,
  params: path.extend({ deliveryId: EventIdSchema }),
  result: WebhookDeliverySchema,
  statuses: [202],
  problems: ['resource.not-found', 'webhook.disabled', 'webhook.event-gone'],
  creates: true,
});

export const replayWebhookDeliveries = route({
  id: 'replayWebhookDeliveries',
  method: 'POST',
  path: '/crm/webhook-endpoints/{endpointId}/replays',
  tag,
  summary: 'Delivers what failed, or was taken, again, as far as its events are still there; as a job',
  permission,
  params: path,
  body: ReplayInputSchema.prefault({}),
  result: WebhookReplaySchema,
  statuses: [202],
  problems: ['resource.not-found', 'webhook.disabled'],
  creates: true,
});

export const getWebhookReplay = route({
  id: 'getWebhookReplay',
  method: 'GET',
  path: '/crm/webhook-endpoints/{endpointId}/replays/{replayId}',
  tag,
  summary: 'Says how far a replay of many is',
  permission,
  params: path.extend({ replayId: JobIdSchema }),
  result: WebhookReplaySchema,
  problems: ['resource.not-found'],
});
