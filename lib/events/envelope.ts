import * as z from 'zod';
import { InstantSchema, TenantIdSchema } from '../contract/vocabulary.ts';

const ActorSchema = z.object({ type: z.enum(['user', 'client', 'system']), id: z.string() });
export type Actor = z.infer<typeof ActorSchema>;

/**
 * What every event carries, in EventBridge's `detail`. `description` says when it is announced.
 *
 * `id` is stable over redelivery; `data` is the full entity as the API shows it; `previous` holds the changed fields only.
 */
export const envelopeOf = <Type extends string, Subject extends string, Data extends z.ZodType>(
  type: Type,
  subject: Subject,
  data: Data,
  description: string,
) =>
  z
    .object({
      type: z.literal(type),
      id: z.uuid(),
      version: z.literal(1),
      tenantId: TenantIdSchema,
      occurredAt: InstantSchema,
      actor: ActorSchema,
      correlationId: z.string(),
      subject: z.object({ type: z.literal(subject), id: z.string() }),
      data,
      previous: z.record(z.string(), z.unknown()).optional(),
    })
    .meta({ title: type, description });
