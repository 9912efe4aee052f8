import * as z from 'zod';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { LanguageSchema, TimeOfDaySchema, TimeZoneSchema } from './settings.ts';
import { InstantSchema, RoleSchema, UserIdSchema } from './vocabulary.ts';

export const AvailabilitySchema = z.enum(['available', 'away']).meta({
  id: 'Availability',
  description: 'Chats are given by themselves to those alone who are available',
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
      .object({
        name: z.string().nullable(),
        linkedAt: InstantSchema,
        brokenAt: InstantSchema.nullable().default(null).meta({
          description: 'Since when the account blocks the bot: nothing is told there until it lets it write again',
        }),
      })
      .nullable()
      .meta({ description: "The account at the tenant's bot to which notifications go" }),
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
    version: z.int(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof UserSchema>;

/** Who asks, and whether what is set of notifications can take effect. */
export const MeSchema = UserSchema.extend({
  reachable: z
    .object({
      telegram: z.enum(['yes', 'not-linked', 'blocked', 'no-bot']).meta({
        description:
          'blocked: the account blocks the bot; no-bot: the bot was disconnected, link the account to another',
      }),
      email: z.enum(['yes', 'no-address', 'off']).meta({
        description: 'off: no mail server is set up, so nobody gets mails; no-address: the token says none',
      }),
    })
    .meta({ description: 'Whether notifications can reach the user, where they are switched on' }),
}).meta({ id: 'Me' });
export type Me = z.infer<typeof MeSchema>;

/** What colleagues see of a user: not where, and of what, the user is told. */
export const ColleagueSchema = UserSchema.omit({ email: true, notifications: true, telegram: true }).meta({
  id: 'Colleague',
});

/** Whole to the user and to those with `User.Manage`; what is nobody else's is left out for others. */
export const ShownUserSchema = UserSchema.partial({ email: true, notifications: true, telegram: true }).meta({
  id: 'ShownUser',
});
export type ShownUser = z.infer<typeof ShownUserSchema>;

const DisplayNameSchema = z.string().trim().min(1).max(100).nullable().default(null);

const SpokenSchema = z
  .array(LanguageSchema)
  .refine((languages) => new Set(languages).size === languages.length, 'may name each language once')
  .default([]);

export const MeInputSchema = z
  .strictObject({
    displayName: DisplayNameSchema,
    languages: SpokenSchema,
    availability: AvailabilitySchema.default('available'),
    notifications: NotificationSettingsSchema.default(NotificationSettingsSchema.parse({})),
  })
  .meta({ id: 'MeInput' });
export type MeInput = z.infer<typeof MeInputSchema>;

export const UserInputSchema = z
  .strictObject({
    displayName: DisplayNameSchema,
    languages: SpokenSchema,
    availability: AvailabilitySchema.default('available'),
    active: z.boolean().optional().meta({ description: 'false deactivates within a minute; as it was if left out' }),
  })
  .meta({ id: 'UserInput' });
export type UserInput = z.infer<typeof UserInputSchema>;

const userPath = z.strictObject({ userId: UserIdSchema });
const tag = 'Users';

export const listUsers = route({
  id: 'listUsers',
  method: 'GET',
  path: '/crm/users',
  tag,
  summary: 'Lists who works with the clients',
  permission: 'User.Read',
  query: PageQuerySchema.extend({
    active: z.enum(['true', 'false']).optional(),
    availability: AvailabilitySchema.optional(),
  }),
  result: pageOf(ShownUserSchema),
  problems: ['cursor.invalid'],
});

export const getMe = route({
  id: 'getMe',
  method: 'GET',
  path: '/crm/users/me',
  tag,
  summary: 'Gets the user whose token it is',
  permission: 'User.Read',
  result: MeSchema,
});

export const replaceMe = route({
  id: 'replaceMe',
  method: 'PUT',
  path: '/crm/users/me',
  tag,
  summary: 'Replaces what users set of themselves',
  permission: 'User.Read',
  body: MeInputSchema,
  result: MeSchema,
  problems: ['version.stale'],
});

export const getUser = route({
  id: 'getUser',
  method: 'GET',
  path: '/crm/users/{userId}',
  tag,
  summary: 'Gets a user',
  permission: 'User.Read',
  params: userPath,
  result: ShownUserSchema,
  problems: ['resource.not-found'],
});

export const replaceUser = route({
  id: 'replaceUser',
  method: 'PUT',
  path: '/crm/users/{userId}',
  tag,
  summary: 'Replaces what is set of a user, who is deactivated or let in again',
  permission: 'User.Manage',
  params: userPath,
  body: UserInputSchema,
  result: UserSchema,
  problems: ['resource.not-found', 'version.stale', 'user.yourself', 'user.last-admin'],
});
