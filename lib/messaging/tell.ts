import { createHash } from 'node:crypto';
import { ChannelIdSchema } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { NoticeState, NoticeWay } from '../domain/notice.ts';
import type { NoticeText } from '../domain/notice-text.ts';
import type { UserRecord } from '../domain/user.ts';
import { sendMail } from '../providers/mail.ts';
import type { SendOutcome } from '../providers/provider.ts';
import { knownChannel } from '../table/channels.ts';
import { providerOf } from './provider-access.ts';
import { mailSettings } from './reachable.ts';
import { noteBroken } from './telegram-link.ts';
import { awaitQuickTurn } from './turns.ts';

/** One user who is to be told something now. */
interface Telling {
  readonly user: UserRecord;
  readonly notice: NoticeText;
  /** What this user is told of. */
  readonly about: string;
}

/** What telling came to, and where it did not go out, why: a code, which quotes nobody. */
export interface TellingOutcome {
  readonly state: NoticeState;
  readonly why?: string;
}

const outcomeOf = (outcome: SendOutcome): TellingOutcome => {
  switch (outcome.kind) {
    case 'accepted':
      return { state: 'sent' };
    case 'refused':
    case 'channel-fault':
      return { state: 'refused', why: outcome.code };
    case 'rate-limited':
      return { state: 'waiting', why: outcome.kind };
    case 'unreachable':
      return { state: 'waiting', why: outcome.detail };
    case 'ambiguous':
      return { state: 'unknown', why: outcome.detail };
  }
};

const FORBIDDEN = '403';

/** The bot at which an account was linked; undefined where it was disconnected. */
const findBot = async (act: Act, channelId: string) => {
  const channel = await knownChannel(act.tenant, ChannelIdSchema.parse(channelId));
  if (channel?.provider !== 'telegram' || channel.status === 'disabled') return undefined;
  return { channel, ...(await providerOf(act.tenant, channel)) };
};

/** By the bot at which the user linked the account. An account that lets no bot of ours write is not tried again. */
const onTelegram = async (act: Act, { user, notice }: Telling): Promise<TellingOutcome> => {
  const account = user.telegramAccount;
  if (account === null) return { state: 'refused', why: 'not-linked' };
  const bot = await findBot(act, account.channelId).catch(() => 'unknown' as const);
  if (bot === 'unknown') return { state: 'waiting', why: 'its bot could not be looked up' };
  if (bot === undefined) return { state: 'refused', why: 'no-bot' };
  const { channel } = bot;
  // Clients' messages need the bot, too, and it takes but so many a second.
  const isFree = await awaitQuickTurn(act, channel).catch(() => false);
  if (!isFree) return { state: 'waiting', why: 'its bot is busy' };
  const outcome = await bot.provider.send(bot.credentials, {
    transport: 'telegram',
    from: channel.address,
    to: account.id,
    text: notice.text,
    media: [],
    statusCallbackUrl: channel.webhookUrl,
  });
  if (outcome.kind === 'refused' && (outcome.optedOut || outcome.code === FORBIDDEN)) {
    // What cannot be noted now is when the next notification is refused; this one's outcome must not be lost over it.
    await noteBroken(act, user.id, account, true).catch(() => undefined);
  }
  return outcomeOf(outcome);
};

/** The same for the same user and the same thing, so that a mail that came twice would be known by it. */
const messageIdOf = ({ user, about }: Telling, from: string): string => {
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? 'parley.invalid';
  return `${createHash('sha256').update(`${about} ${user.id}`).digest('hex').slice(0, 40)}@${domain}`;
};

const byMail = async (telling: Telling): Promise<TellingOutcome> => {
  const settings = mailSettings();
  const { email } = telling.user;
  if (settings === undefined || email === null) return { state: 'refused', why: 'no-address' };
  const messageId = messageIdOf(telling, settings.from);
  const outcome = await sendMail(settings, { ...telling.notice, to: email, messageId });
  return outcome.kind === 'sent' ? { state: 'sent' } : { state: outcome.kind, why: outcome.detail };
};

/** Tells a user in one way, once, and never throws. What kept us from even asking is `waiting`: nothing went out. */
export const tell = (act: Act, way: NoticeWay, telling: Telling): Promise<TellingOutcome> =>
  way === 'telegram' ? onTelegram(act, telling) : byMail(telling);
