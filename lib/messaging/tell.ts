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

/** One user who is to be told something now. */
interface Telling {
  readonly user: UserRecord;
  readonly notice: NoticeText;
  /** What this user is told of. */
  readonly about: string;
}

const stateOf = (outcome: SendOutcome): NoticeState => {
  switch (outcome.kind) {
    case 'accepted':
      return 'sent';
    case 'refused':
    case 'channel-fault':
      return 'refused';
    case 'rate-limited':
    case 'unreachable':
      return 'waiting';
    case 'ambiguous':
      return 'unknown';
  }
};

const FORBIDDEN = '403';

/** By the bot at which the user linked the account. An account that lets no bot of ours write is not tried again. */
const onTelegram = async (act: Act, { user, notice }: Telling): Promise<NoticeState> => {
  const account = user.telegramAccount;
  const channel = account && (await knownChannel(act.tenant, ChannelIdSchema.parse(account.channelId)));
  if (!account || channel?.provider !== 'telegram' || channel.status === 'disabled') return 'refused';
  const access = await providerOf(act.tenant, channel).catch(() => undefined);
  if (access === undefined) return 'waiting';
  const outcome = await access.provider.send(access.credentials, {
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
  return stateOf(outcome);
};

/** The same for the same user and the same thing, so that a mail that came twice would be known by it. */
const messageIdOf = ({ user, about }: Telling, from: string): string => {
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? 'parley.invalid';
  return `${createHash('sha256').update(`${about} ${user.id}`).digest('hex').slice(0, 40)}@${domain}`;
};

const byMail = async (telling: Telling): Promise<NoticeState> => {
  const settings = mailSettings();
  const { email } = telling.user;
  if (settings === undefined || email === null) return 'refused';
  const messageId = messageIdOf(telling, settings.from);
  return (await sendMail(settings, { ...telling.notice, to: email, messageId })).kind;
};

/** Tells a user in one way, once, and never throws. What kept us from even asking is `waiting`: nothing went out. */
export const tell = (act: Act, way: NoticeWay, telling: Telling): Promise<NoticeState> =>
  way === 'telegram' ? onTelegram(act, telling) : byMail(telling);
