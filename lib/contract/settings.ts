import * as z from 'zod';
import { route } from './route.ts';

/** The languages that Parley speaks to users and clients. */
export const LanguageSchema = z.enum(['en', 'ru', 'uz']).meta({ id: 'Language' });
export type Language = z.infer<typeof LanguageSchema>;

/** A name of the IANA time zone database. https://www.iana.org/time-zones */
export const TimeZoneSchema = z
  .string()
  .max(64)
  .refine((name) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: name });
      return /^[A-Z]/i.test(name);
    } catch {
      return false;
    }
  }, 'is not a time zone, as Asia/Tashkent is')
  .meta({ id: 'TimeZone', example: 'Asia/Tashkent' });

/** A time of day, from 00:00 to 24:00. */
export const TimeOfDaySchema = z
  .string()
  .regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day, as 09:30 is')
  .meta({ id: 'TimeOfDay', example: '09:30' });

const OpeningSchema = z
  .strictObject({ from: TimeOfDaySchema, to: TimeOfDaySchema })
  .refine(({ from, to }) => from < to, 'has to end after it begins');

const DaySchema = z
  .array(OpeningSchema)
  .max(5)
  .refine(
    (openings) => openings.every(({ from }, index) => index === 0 || (openings[index - 1]?.to ?? '') <= from),
    'have to follow each other without overlap',
  )
  .default([]);

/** When people are at work, in the tenant's time zone. A day without openings is free. */
export const BusinessHoursSchema = z
  .strictObject({
    monday: DaySchema,
    tuesday: DaySchema,
    wednesday: DaySchema,
    thursday: DaySchema,
    friday: DaySchema,
    saturday: DaySchema,
    sunday: DaySchema,
  })
  .refine((week) => Object.values(week).some((openings) => openings.length > 0), 'have to be open at some time')
  .meta({ id: 'BusinessHours' });
export type BusinessHours = z.infer<typeof BusinessHoursSchema>;

const daysKept = z.int().min(1).max(36_500).nullable().default(null);

/** For how many days what kind of data is kept; `null`: for ever. */
export const RetentionSchema = z
  .strictObject({
    messages: daysKept.meta({ description: 'Messages and their files' }),
    notes: daysKept,
    interactions: daysKept.meta({ description: 'Counted from when they were completed, or planned for' }),
    history: daysKept.meta({ description: 'What was changed of clients' }),
    audit: daysKept,
  })
  .meta({ id: 'Retention' });
export type Retention = z.infer<typeof RetentionSchema>;

const perSecond = z.number().min(0.1).max(10_000).nullable().default(null);

/** How much is allowed in a second; `null`: as much as the deployment allows. */
export const LimitsSchema = z
  .strictObject({
    requestsPerUser: perSecond,
    requestsPerTenant: perSecond,
    bulkMessages: perSecond.meta({ description: 'Messages of a campaign, over all channels' }),
  })
  .meta({ id: 'Limits' });

export const AssignmentModeSchema = z.enum(['off', 'round-robin', 'least-busy']).meta({
  id: 'AssignmentMode',
  description:
    'Which available agent gets a chat that nobody has, when its client writes; where no agent is active, which user',
});
export type AssignmentMode = z.infer<typeof AssignmentModeSchema>;

export const SettingsInputSchema = z
  .strictObject({
    defaultCountry: z
      .string()
      .regex(/^[A-Z]{2}$/, 'an ISO 3166 country code of two capital letters')
      .nullable()
      .default(null)
      .meta({ description: 'Where phone numbers without a country code are from', example: 'UZ' }),
    languages: z
      .array(LanguageSchema)
      .min(1)
      .refine((languages) => new Set(languages).size === languages.length, 'may name each language once')
      .default(['en'])
      .meta({ description: 'The first is spoken to whoever has not chosen another' }),
    timeZone: TimeZoneSchema.default('UTC'),
    businessHours: BusinessHoursSchema.nullable().default(null).meta({ description: 'null: day and night' }),
    assignment: AssignmentModeSchema.default('off'),
    retention: RetentionSchema.default(RetentionSchema.parse({})),
    limits: LimitsSchema.default(LimitsSchema.parse({})),
  })
  .meta({ id: 'SettingsInput' });
export type SettingsInput = z.infer<typeof SettingsInputSchema>;

export const SettingsSchema = z.object({ ...SettingsInputSchema.shape, version: z.int() }).meta({ id: 'Settings' });
export type Settings = z.infer<typeof SettingsSchema>;

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
