import * as z from 'zod';
import { allows } from '../contract/permissions.ts';
import {
  ColleagueSchema,
  NotificationSettingsSchema,
  UserSchema,
  type MeInput,
  type ShownUser,
  type UserInput,
} from '../contract/users.ts';
import type { Role, UserId } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import { Failure } from './failure.ts';

/** A user as it is stored. */
export const UserRecordSchema = UserSchema.extend({
  /** The numeric id of the linked Telegram account, and through which channel's bot it was linked. */
  telegramAccount: z.object({ id: z.string(), channelId: z.string() }).nullable().default(null),
  /** When the token was issued that role, name and email are from: seconds since 1970. */
  claimedAt: z.int().default(0),
  revision: z.int(),
});
export type UserRecord = z.infer<typeof UserRecordSchema>;

/** What a verified token says of a user. */
export interface Claims {
  readonly userId: UserId;
  readonly role: Role;
  readonly name: string | null;
  readonly email: string | null;
  /** Seconds since 1970. */
  readonly issuedAt: number;
}

/** The user whose first token this is. */
export const newUser = (act: Act, { userId, role, name, email, issuedAt }: Claims): UserRecord => {
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
    claimedAt: issuedAt,
    createdAt,
    updatedAt: createdAt,
    version: 1,
    revision: 1,
  };
};

/**
 * What a token makes of the user it speaks of; undefined where it says nothing new. A token that is older than the one
 * before says nothing, nor does one without a name of the name: access tokens often have none.
 */
export const withClaims = (act: Act, user: UserRecord, claims: Claims): UserRecord | undefined => {
  if (claims.issuedAt < user.claimedAt) return undefined;
  const { role } = claims;
  const name = claims.name ?? user.name;
  const email = claims.email ?? user.email;
  if (user.role === role && user.name === name && user.email === email) return undefined;
  return { ...user, role, name, email, claimedAt: claims.issuedAt, updatedAt: instant(act.now()) };
};

/** How colleagues and clients see the user; null for one of whom only the id is known. */
export const shownName = ({ displayName, name }: Pick<UserRecord, 'displayName' | 'name'>): string | null =>
  displayName ?? name;

/** A user who was changed by somebody. */
const changed = (act: Act, before: UserRecord, change: Partial<UserRecord>): UserRecord => ({
  ...before,
  ...change,
  updatedAt: instant(act.now()),
  version: before.version + 1,
});

export const replaceMe = (act: Act, before: UserRecord, input: MeInput): UserRecord => changed(act, before, input);

/** @throws Failure `user.yourself` for one who would lock themself out */
export const replaceUser = (
  act: Act,
  before: UserRecord,
  { active = before.active, ...input }: UserInput,
): UserRecord => {
  if (!active && before.id === act.actor.id) {
    throw new Failure('user.yourself', 'Ask another administrator to deactivate you.');
  }
  return changed(act, before, { ...input, active });
};

/** Whether this one can look after the others. */
export const isActiveAdmin = ({ active, role }: UserRecord): boolean => active && role === 'admin';

/** What others are shown of a user: where messages go to, and which, is the user's own affair. */
export const showUser = ({ userId, role }: Pick<Claims, 'userId' | 'role'>, user: UserRecord): ShownUser =>
  userId === user.id || allows(role, 'User.Manage') ? UserSchema.parse(user) : ColleagueSchema.parse(user);
