import * as z from 'zod';
import { allows } from '../contract/permissions.ts';
import type { Me } from '../contract/users.ts';
import { UserIdSchema, MessageIdSchema, type UserId } from '../contract/vocabulary.ts';
import type { MessageRecord } from './message.ts';
import { isQuiet } from './quiet-hours.ts';
import type { UserRecord } from './user.ts';

/** How a user is told. */
export type NoticeWay = 'telegram' | 'email';

/**
 * What became of telling a user in one way. `sending`: somebody took it on; when nothing else follows, whether it went out
 * is not known, and it is not tried again. `waiting`: provably not accepted.
 */
const NoticeStateSchema = z.enum(['sending', 'sent', 'refused', 'unknown', 'waiting']);
export type NoticeState = z.infer<typeof NoticeStateSchema>;

/** One user is told of one message. Kept for as long as the message's event may be repeated. */
export const NoticeSchema = z.object({
  userId: UserIdSchema,
  messageId: MessageIdSchema,
  attempt: z.int(),
  telegram: NoticeStateSchema.nullable(),
  email: NoticeStateSchema.nullable(),
});
export type Notice = z.infer<typeof NoticeSchema>;

/** Of which message of a chat a user was told last, and when. */
export const ToldSchema = z.object({
  userId: UserIdSchema,
  messageId: MessageIdSchema,
  messageAt: z.string(),
  at: z.string(),
});
export type Told = z.infer<typeof ToldSchema>;

/** Who was told of what is old anyway would rather look. */
const WORTH_TELLING_MINUTES = 30;
export const QUIET_BETWEEN_SECONDS = 60;
const ATTEMPTS = 5;

const since = (at: string, now: Date): number => (now.getTime() - Date.parse(at)) / 1000;

export const isWorthTelling = ({ createdAt }: MessageRecord, now: Date): boolean =>
  since(createdAt, now) <= WORTH_TELLING_MINUTES * 60;

interface Circumstances {
  readonly message: MessageRecord;
  /** Who has the chat; `null`: nobody who still works here. */
  readonly assigneeId: UserId | null;
  readonly tenantZone: string;
  /** Whether e-mail is set up at all. */
  readonly hasMail: boolean;
  readonly now: Date;
}

const hasAddress = (email: string | null): email is string => z.email().safeParse(email).success;

interface Means {
  /** Whether the bot at which the account was linked is still there. */
  readonly hasBot: boolean;
  readonly hasMail: boolean;
}

const onTelegram = ({ telegram }: UserRecord, hasBot: boolean): Me['reachable']['telegram'] => {
  if (telegram === null) return 'not-linked';
  if (!hasBot) return 'no-bot';
  return telegram.brokenAt === null ? 'yes' : 'blocked';
};

/** Whether what is set can take effect. */
export const reachable = (user: UserRecord, { hasBot, hasMail }: Means): Me['reachable'] => ({
  telegram: onTelegram(user, hasBot),
  email: !hasMail ? 'off' : hasAddress(user.email) ? 'yes' : 'no-address',
});

/** In which ways this user wants to be told, and can be. A bot that is gone refuses. */
const waysOf = (user: UserRecord, hasMail: boolean): NoticeWay[] => {
  const { telegram, email } = reachable(user, { hasBot: true, hasMail });
  return [
    ...(user.notifications.telegram && telegram === 'yes' ? (['telegram'] as const) : []),
    ...(user.notifications.email && email === 'yes' ? (['email'] as const) : []),
  ];
};

/**
 * In which ways this user is to be told of a message, by what the user has set. It has to be no quiet hour when the
 * message came, nor now: otherwise one that is repeated in the morning would tell of the night.
 */
export const wantedWays = (
  user: UserRecord,
  { message, assigneeId, tenantZone, hasMail, now }: Circumstances,
): NoticeWay[] => {
  const { chats, quietHours, timeZone } = user.notifications;
  if (!user.active || !allows(user.role, 'Message.Read') || chats === 'none') return [];
  if (chats === 'mine' && assigneeId !== null && assigneeId !== user.id) return [];
  const zone = timeZone ?? tenantZone;
  if ([new Date(message.createdAt), now].some((at) => isQuiet(quietHours, zone, at))) return [];
  return waysOf(user, hasMail);
};

/** Whether the user was told of this chat within the last minute, by another message. */
const isTooSoon = (told: Told | undefined, message: MessageRecord, now: Date): boolean =>
  told !== undefined &&
  told.messageId !== message.id &&
  (since(told.messageAt, new Date(message.createdAt)) < QUIET_BETWEEN_SECONDS ||
    since(told.at, now) < QUIET_BETWEEN_SECONDS);

/** What is to be done now, and what was done before it. */
export interface NoticeClaim {
  readonly notice: Notice;
  readonly ways: readonly NoticeWay[];
}

interface Known {
  readonly notice: Notice | undefined;
  readonly told: Told | undefined;
}

/** Takes on what is left to be told; undefined when nothing is. What was taken on once is repeated only if it was refused for the moment. */
export const claimNotice = (
  userId: UserId,
  wanted: readonly NoticeWay[],
  { notice, told }: Known,
  { message, now }: Pick<Circumstances, 'message' | 'now'>,
): NoticeClaim | undefined => {
  const ways = wanted.filter((way) => notice === undefined || notice[way] === 'waiting');
  if (ways.length === 0 || (notice?.attempt ?? 0) >= ATTEMPTS || isTooSoon(told, message, now)) return undefined;
  const stateOf = (way: NoticeWay) => (ways.includes(way) ? 'sending' : (notice?.[way] ?? null));
  const attempt = (notice?.attempt ?? 0) + 1;
  return {
    ways,
    notice: { userId, messageId: message.id, attempt, telegram: stateOf('telegram'), email: stateOf('email') },
  };
};

/** Whether it is to be tried again. */
export const isWaiting = ({ telegram, email, attempt }: Notice): boolean =>
  attempt < ATTEMPTS && (telegram === 'waiting' || email === 'waiting');
