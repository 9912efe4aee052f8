import { environment } from '../config/environment.ts';
import type { Me } from '../contract/users.ts';
import { reachable } from '../domain/notice.ts';
import type { UserRecord } from '../domain/user.ts';
import type { MailSettings } from '../providers/mail.ts';

/** How mails are sent here; undefined where they are not. */
export const mailSettings = (): MailSettings | undefined => {
  const { SMTP_URL: smtpUrl, MAIL_FROM: from, PROVIDER_TIMEOUT_SECONDS } = environment();
  return smtpUrl === '' || from === '' ? undefined : { smtpUrl, from, timeoutMs: PROVIDER_TIMEOUT_SECONDS * 1000 };
};

/** A user as only the user is shown it. */
export const showMe = (user: UserRecord): UserRecord & Me => ({
  ...user,
  reachable: reachable(user, mailSettings() !== undefined),
});
