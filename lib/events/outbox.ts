import * as z from 'zod';
import { ChatIdSchema, MessageIdSchema, ProviderNameSchema, TenantIdSchema } from '../contract/vocabulary.ts';
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

/** What the stream hands on once the write beside it is committed. */
export const OutboxSchema = z.object({ event: DomainEventSchema.optional(), dispatch: DispatchSchema.optional() });
export type Outbox = z.infer<typeof OutboxSchema>;
