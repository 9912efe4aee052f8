import * as z from 'zod';
import { LanguageSchema, TimeOfDaySchema, TimeZoneSchema } from './settings.ts';
import { InstantSchema, RoleSchema, UserIdSchema } from './vocabulary.ts';

export const AvailabilitySchema = z.enum(['available', 'away']).meta({
  id: 'Availability',
  description: 'Chats are assigned by themselves to those alone who are available',
});

/** Which messages of clients a user is told of, and how. */
export const NotificationSettingsSchema = z
  .strictObject({
    chats: z
      .enum(['all', 'mine', 'none'])
      .default('mine')
      .meta({ description: 'mine: chats that are assigned to the user, or to nobody' }),
    telegram: z.boolean().default(false).meta({ description: "By the tenant's bot, to the linked account" }),
    email: z.boolean().default(false).meta({ description: "To the address in the user's token" }),
    quietHours: z
      .strictObject({ from: TimeOfDaySchema, to: TimeOfDaySchema })
      .refine(({ from, to }) => from !== to, 'have to end at another time than they begin')
      .nullable()
      .default(null)
      .meta({ description: 'Nothing is told from `from` to `to`, over midnight where `to` is earlier' }),
    timeZone: TimeZoneSchema.nullable().default(null).meta({ description: "null: the tenant's" }),
  })
  .meta({ id: 'NotificationSettings' });
export type NotificationSettings = z.infer<typeof NotificationSettingsSchema>;

/** Who works with the clients. Users appear with their first token. */
export const UserSchema = z
  .object({
    id: UserIdSchema,
    role: RoleSchema.meta({ description: 'As the latest token says' }),
    name: z.string().nullable().meta({ description: 'As the latest token says' }),
    email: z.string().nullable().meta({ description: 'As the latest token says' }),
    displayName: z.string().nullable().meta({ description: 'How colleagues see the user; null: by the name' }),
    languages: z.array(LanguageSchema).meta({ description: 'Which the user speaks, the best first' }),
    availability: AvailabilitySchema,
    active: z.boolean().meta({ description: 'false: deactivated, whatever token the user has' }),
    notifications: NotificationSettingsSchema,
    telegram: z
      .object({ name: z.string().nullable(), linkedAt: InstantSchema })
      .nullable()
      .meta({ description: "The account at the tenant's bot to which notifications go" }),
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
    version: z.int(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof UserSchema>;
