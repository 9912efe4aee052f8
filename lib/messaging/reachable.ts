import { environment } from '../config/environment.ts';
import type { Me } from '../contract/users.ts';
import { ChannelIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { reachable } from '../domain/notice.ts';
import type { UserRecord } from '../domain/user.ts';
import type { MailSettings } from '../providers/mail.ts';
import { knownChannel } from '../table/channels.ts';

/** How mails are sent here; undefined where they are not. */
export const mailSettings = (): MailSettings | undefined => {
  const { SMTP_URL: smtpUrl, MAIL_FROM: from, PROVIDER_TIMEOUT_SECONDS } = environment();
  return smtpUrl === '' || from === '' ? undefined : { smtpUrl, from, timeoutMs: PROVIDER_TIMEOUT_SECONDS * 1000 };
};

const hasBot = async (tenant: TenantId, { telegramAccount }: UserRecord): Promise<boolean> => {
  if (telegramAccount === null) return false;
  const channel = await knownChannel(tenant, ChannelIdSchema.parse(telegramAccount.channelId));
  return channel !== undefined && channel.status !== 'disabled';
};

/** A user as only the user is shown it. Asks for the channels where an account is linked. */
export const showMe = async (tenant: TenantId, user: UserRecord): Promise<UserRecord & Me> => ({
  ...user,
  reachable: reachable(user, { hasBot: await hasBot(tenant, user), hasMail: mailSettings() !== undefined }),
});
