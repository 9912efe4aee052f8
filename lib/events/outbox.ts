import * as z from 'zod';
import {
  ChatIdSchema,
  JobIdSchema,
  MessageIdSchema,
  ProviderNameSchema,
  TenantIdSchema,
} from '../contract/vocabulary.ts';
import { DomainEventSchema } from './catalogue.ts';

/** What stands on a provider's queue: ids only. `dispatch` makes a repeated entry a new one to SQS. */
export const DispatchSchema = z.object({
  provider: ProviderNameSchema,
  tenantId: TenantIdSchema,
  chatId: ChatIdSchema,
  messageId: MessageIdSchema,
  dispatch: z.int(),
});
export type Dispatch = z.infer<typeof DispatchSchema>;

/** What stands on the jobs' queue. `turn` tells repeated entries apart. */
export const JobTurnSchema = z.object({ tenantId: TenantIdSchema, jobId: JobIdSchema, turn: z.int() });
export type JobTurn = z.infer<typeof JobTurnSchema>;

/** What the stream hands on once the write beside it is committed. */
export const OutboxSchema = z.object({
  event: DomainEventSchema.optional(),
  dispatch: DispatchSchema.optional(),
  job: JobTurnSchema.optional(),
});
export type Outbox = z.infer<typeof OutboxSchema>;
