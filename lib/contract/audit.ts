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

const AuditQuerySchema = PageQuerySchema.extend({
  day: z.iso
    .date()
    .optional()
    .meta({ description: 'A day in UTC, as 2026-01-31 is; in place of from and to', example: '2026-01-31' }),
  from: InstantSchema.optional().meta({ description: 'What was done from then on' }),
  to: InstantSchema.optional().meta({ description: 'What was done before then' }),
  subjectId: z.string().max(128).optional().meta({ description: 'id of a client, chat, message, channel …' }),
  actorId: z.string().max(128).optional(),
})
  .refine(({ day, from, to }) => day === undefined || (from === undefined && to === undefined), {
    path: ['day'],
    error: 'stands in place of from and to, not beside them',
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    error: 'has to be after from',
  });

export const listAudit = route({
  id: 'listAudit',
  method: 'GET',
  path: '/crm/audit',
  tag: 'Audit',
  summary: 'Lists what was done, newest first; on a day, of one subject, of one actor if asked',
  permission: 'Audit.Read',
  query: AuditQuerySchema,
  result: pageOf(AuditEntrySchema),
  problems: ['cursor.invalid'],
});
