import * as z from 'zod';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { InstantSchema } from './vocabulary.ts';

export const SettingsSchema = z
  .object({
    defaultCountry: z.string().nullable(),
    version: z.int(),
  })
  .meta({ id: 'Settings' });
export type Settings = z.infer<typeof SettingsSchema>;

export const SettingsInputSchema = z
  .strictObject({
    defaultCountry: z
      .string()
      .regex(/^[A-Z]{2}$/, 'an ISO 3166 country code of two capital letters')
      .nullable()
      .default(null)
      .meta({ description: 'Where phone numbers without a country code are from', example: 'UZ' }),
  })
  .meta({ id: 'SettingsInput' });
export type SettingsInput = z.infer<typeof SettingsInputSchema>;

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

export const getSettings = route({
  id: 'getSettings',
  method: 'GET',
  path: '/crm/settings',
  tag: 'Settings',
  summary: "Gets the tenant's settings",
  permission: 'Settings.Manage',
  result: SettingsSchema,
});

export const replaceSettings = route({
  id: 'replaceSettings',
  method: 'PUT',
  path: '/crm/settings',
  tag: 'Settings',
  summary: "Replaces the tenant's settings",
  permission: 'Settings.Manage',
  body: SettingsInputSchema,
  result: SettingsSchema,
  problems: ['version.stale'],
});

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
