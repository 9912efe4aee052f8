import * as z from 'zod';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { BACKWARDS, InstantSchema, isForwards, JobIdSchema } from './vocabulary.ts';

export const DeadLetterIdSchema = z.uuid().brand<'DeadLetterId'>();
export type DeadLetterId = z.infer<typeof DeadLetterIdSchema>;

const DeadLetterSourceSchema = z.enum(['webhook', 'queue', 'stream']).meta({ id: 'DeadLetterSource' });
export type DeadLetterSource = z.infer<typeof DeadLetterSourceSchema>;

const DeadLetterStateSchema = z.enum(['open', 'redriven']).meta({ id: 'DeadLetterState' });

/** What could not be handled, without what it says. */
export const DeadLetterSchema = z
  .object({
    id: DeadLetterIdSchema,
    source: DeadLetterSourceSchema,
    origin: z.string().meta({ description: 'Which webhook, queue or stream', example: 'audit' }),
    reason: z.string(),
    state: DeadLetterStateSchema.meta({ description: 'redriven: it was put back, and did not come again' }),
    count: z.int().meta({ description: 'How often it came here' }),
    redrivable: z.boolean(),
    receivedAt: InstantSchema,
    lastReceivedAt: InstantSchema,
    redrivenAt: InstantSchema.nullable(),
    redrivenBy: z.string().nullable(),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetter = z.infer<typeof DeadLetterSchema>;

const DeadLetterWithPayloadSchema = DeadLetterSchema.extend({
  payload: z.string().meta({ description: 'Empty where the client it was about is erased' }),
  masked: z.enum(['secrets', 'private']).meta({
    description:
      'What is left out of the payload: secrets always; what is private without Message.Read and Client.Read, and what events tell of users, settings, webhook endpoints, channels and legal holds without the permission to manage them',
  }),
}).meta({ id: 'DeadLetterWithPayload' });

const filter = {
  source: DeadLetterSourceSchema.optional(),
  origin: z.string().min(1).max(100).optional(),
  reason: z.string().min(1).max(200).optional().meta({ description: 'A part of it' }),
  from: InstantSchema.optional().meta({ description: 'Last received from then on' }),
  to: InstantSchema.optional().meta({ description: 'Last received before then' }),
};

/** As it is stored and shown. */
export const DeadLetterFilterSchema = z.strictObject(filter).meta({ id: 'DeadLetterFilter' });

const RedriveInputSchema = z.strictObject(filter).refine(isForwards, BACKWARDS).meta({ id: 'RedriveInput' });

export const RedriveSchema = z
  .object({
    id: JobIdSchema,
    state: z.enum(['queued', 'running', 'done', 'failed']).meta({ id: 'RedriveState' }),
    filter: DeadLetterFilterSchema,
    redriven: z.int().meta({ description: 'How many were put back so far' }),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    createdBy: z.string(),
    createdAt: InstantSchema,
    finishedAt: InstantSchema.nullable(),
  })
  .meta({ id: 'Redrive' });
export type Redrive = z.infer<typeof RedriveSchema>;

const tag = 'Dead letters';
const permission = 'DeadLetter.Manage';
const letterPath = z.strictObject({ deadLetterId: DeadLetterIdSchema });

export const listDeadLetters = route({
  id: 'listDeadLetters',
  method: 'GET',
  path: '/crm/dead-letters',
  tag,
  summary: 'Lists what could not be handled, last received first',
  permission,
  query: PageQuerySchema.extend({ ...filter, state: DeadLetterStateSchema.optional() }).refine(isForwards, BACKWARDS),
  result: pageOf(DeadLetterSchema),
  problems: ['cursor.invalid'],
});

export const getDeadLetter = route({
  id: 'getDeadLetter',
  method: 'GET',
  path: '/crm/dead-letters/{deadLetterId}',
  tag,
  summary: 'Gets a dead letter with its payload, without secrets',
  permission,
  params: letterPath,
  result: DeadLetterWithPayloadSchema,
  problems: ['resource.not-found'],
});

export const redriveDeadLetter = route({
  id: 'redriveDeadLetter',
  method: 'POST',
  path: '/crm/dead-letters/{deadLetterId}/redrive',
  tag,
  summary: 'Puts a dead letter back where it came from; once, however often it is asked for',
  permission,
  params: letterPath,
  result: DeadLetterSchema,
  statuses: [202],
  problems: ['resource.not-found', 'dead-letter.not-redrivable'],
});

export const redriveDeadLetters = route({
  id: 'redriveDeadLetters',
  method: 'POST',
  path: '/crm/dead-letters/redrive',
  tag,
  summary: 'Puts all open dead letters back that a filter finds, as a job',
  permission,
  body: RedriveInputSchema.prefault({}),
  result: RedriveSchema,
  statuses: [202],
  creates: true,
});

export const getRedrive = route({
  id: 'getRedrive',
  method: 'GET',
  path: '/crm/dead-letters/redrives/{redriveId}',
  tag,
  summary: 'Says how far a redrive of many is',
  permission,
  params: z.strictObject({ redriveId: JobIdSchema }),
  result: RedriveSchema,
  problems: ['resource.not-found'],
});

export const discardDeadLetter = route({
  id: 'discardDeadLetter',
  method: 'DELETE',
  path: '/crm/dead-letters/{deadLetterId}',
  tag,
  summary: 'Removes a dead letter for good',
  permission,
  params: letterPath,
  problems: ['resource.not-found'],
});
