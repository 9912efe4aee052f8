import * as z from 'zod';
import {
  ChatIdSchema,
  EventIdSchema,
  JobIdSchema,
  MessageIdSchema,
  ProviderNameSchema,
  TenantIdSchema,
  WebhookEndpointIdSchema,
} from '../contract/vocabulary.ts';
import { DeadLetterIdSchema } from '../contract/dead-letters.ts';
import { DomainEventSchema } from './catalogue.ts';

/** What stands on a provider's queue: ids only. `dispatch` makes a repeated entry a new one to SQS. */
export const DispatchSchema = z.object({
  provider: ProviderNameSchema,
  tenantId: TenantIdSchema,
  chatId: ChatIdSchema,
  messageId: MessageIdSchema,
  dispatch: z.int(),
  /** Waits in a line of its own: behind no conversation's message, and none behind it. */
  bulk: z.boolean().optional(),
});
export type Dispatch = z.infer<typeof DispatchSchema>;

/** What stands on the jobs' queue. `turn` tells repeated entries apart. */
export const JobTurnSchema = z.object({ tenantId: TenantIdSchema, jobId: JobIdSchema, turn: z.int() });
export type JobTurn = z.infer<typeof JobTurnSchema>;

/** What goes back on the queue where it was given up. `turn` tells repeated entries apart. */
const RedriveSchema = z.object({
  letterId: DeadLetterIdSchema,
  queue: z.string(),
  body: z.string(),
  group: z.string().optional(),
  turn: z.int(),
});
export type RedriveEntry = z.infer<typeof RedriveSchema>;

/** What stands on the queue of deliveries to other systems. `turn` tells repeated entries apart. */
export const DeliveryTurnSchema = z.object({
  tenantId: TenantIdSchema,
  endpointId: WebhookEndpointIdSchema,
  deliveryId: EventIdSchema,
  turn: z.int(),
});
export type DeliveryTurn = z.infer<typeof DeliveryTurnSchema>;

/** What the stream hands on once the write beside it is committed. */
export const OutboxSchema = z.object({
  event: DomainEventSchema.optional(),
  dispatch: DispatchSchema.optional(),
  job: JobTurnSchema.optional(),
  delivery: DeliveryTurnSchema.optional(),
  redrive: RedriveSchema.optional(),
  /** Says how far the stream is. */
  pulse: z.object({ at: z.string() }).optional(),
});
export type Outbox = z.infer<typeof OutboxSchema>;
