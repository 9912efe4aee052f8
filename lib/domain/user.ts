import * as z from 'zod';
import { NotificationSettingsSchema, UserSchema } from '../contract/users.ts';
import type { Role, UserId } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';

/** A user as it is stored. */
export const UserRecordSchema = UserSchema.extend({
  /** The numeric id of the linked Telegram account, and through which channel's bot it was linked. */
  telegramAccount: z.object({ id: z.string(), channelId: z.string() }).nullable().default(null),
  revision: z.int(),
});
export type UserRecord = z.infer<typeof UserRecordSchema>;

/** What a verified token says of a user. */
export interface Claims {
  readonly userId: UserId;
  readonly role: Role;
  readonly name: string | null;
  readonly email: string | null;
}

/** The user whose first token this is. */
export const newUser = (act: Act, { userId, role, name, email }: Claims): UserRecord => {
  const createdAt = instant(act.now());
  return {
    id: userId,
    role,
    name,
    email,
    displayName: null,
    languages: [],
    availability: 'available',
    active: true,
    notifications: NotificationSettingsSchema.parse({}),
    telegram: null,
    telegramAccount: null,
    createdAt,
    updatedAt: createdAt,
    version: 1,
    revision: 1,
  };
};

/** Whether a token says something else of the user than the one before. */
export const isNewsOf = (user: UserRecord, { role, name, email }: Claims): boolean =>
  user.role !== role || user.name !== name || user.email !== email;
