import * as z from 'zod';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { InstantSchema } from './vocabulary.ts';

/** Who did what to what, and when. Which fields changed, never their values. */
export const AuditEntrySchema = z
  .object({
    id: z.uuid(),
    type: z.string(),
    occurredAt: InstantSchema,
    actor: z.object({ type: z.enum(['user', 'client', 'system']), id: z.string() }),
    subject: z.object({ type: z.string(), id: z.string() }),
    correlationId: z.string(),
    changed: z.array(z.string()),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntrySchema>;

export const listAudit = route({
  id: 'listAudit',
  method: 'GET',
  path: '/crm/audit',
  tag: 'Audit',
  summary: 'Lists what was done, newest first; of one subject or one actor if asked',
  permission: 'Audit.Read',
  query: PageQuerySchema.extend({
    subjectId: z.string().max(128).optional().meta({ description: 'id of a client, chat, message, channel …' }),
    actorId: z.string().max(128).optional(),
  }),
  result: pageOf(AuditEntrySchema),
  problems: ['cursor.invalid'],
});
