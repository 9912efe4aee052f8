import { createTransport } from 'nodemailer';
import * as z from 'zod';
import { within } from './network.ts';

/** Where mails are handed over, and in whose name. */
export interface MailSettings {
  /** smtp://user:password@host:587 or smtps://user:password@host:465 */
  readonly smtpUrl: string;
  readonly from: string;
  readonly timeoutMs: number;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** What tells a repeated mail, without the angle brackets. */
  readonly messageId: string;
}

/** What handing a mail over came to. `waiting`: provably not accepted, and worth another try; `unknown`: it may have been. */
type MailOutcome =
  { readonly kind: 'sent' } | { readonly kind: 'refused' | 'waiting' | 'unknown'; readonly detail: string };

/** The library's error. https://nodemailer.com/smtp#error-codes */
const MailErrorSchema = z.object({
  code: z.string().catch('ERROR'),
  /** What the server answered; false where it did not. */
  responseCode: z.number().optional().catch(undefined),
  /** Which wait was too long. */
  timeoutType: z.string().optional().catch(undefined),
  /** Of the system's own errors, what failed. */
  syscall: z.string().optional().catch(undefined),
});

/** Without an answer, nothing was handed over if there was no connection to hand it over on. */
const neverConnected = ({ code, timeoutType, syscall }: z.infer<typeof MailErrorSchema>): boolean =>
  code === 'EDNS' ||
  code === 'ETLS' ||
  timeoutType === 'CONNECT_TIMEOUT' ||
  timeoutType === 'GREETING_TIMEOUT' ||
  syscall === 'connect' ||
  syscall === 'getaddrinfo';

/** What the error says, by its codes: its words repeat addresses. https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1 */
const outcomeOf = (error: unknown): MailOutcome => {
  const parsed = MailErrorSchema.safeParse(error);
  if (!parsed.success) return { kind: 'unknown', detail: 'no usable answer' };
  const { code, responseCode } = parsed.data;
  const detail = `${code}${responseCode === undefined ? '' : ` ${responseCode}`}`;
  if (responseCode !== undefined && responseCode >= 400) {
    return { kind: responseCode < 500 ? 'waiting' : 'refused', detail };
  }
  if (code === 'EAUTH' || code === 'EENVELOPE') return { kind: 'refused', detail };
  return { kind: neverConnected(parsed.data) ? 'waiting' : 'unknown', detail };
};

/** A password is not sent where others can read it. */
const hasPassword = (smtpUrl: string): boolean => new URL(smtpUrl).password !== '';

/**
 * Hands a mail over to the SMTP server once, on a connection of its own: one that is shared may be found closed with the
 * mail half written. Header fields are encoded by the library, which leaves out line breaks. Never throws for what the
 * server or the network does.
 */
export const sendMail = async (settings: MailSettings, mail: Mail): Promise<MailOutcome> => {
  const { smtpUrl, from, timeoutMs } = settings;
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: Math.ceil(timeoutMs / 2),
    greetingTimeout: Math.ceil(timeoutMs / 2),
    dnsTimeout: Math.ceil(timeoutMs / 2),
    socketTimeout: timeoutMs,
    ...(hasPassword(smtpUrl) && { requireTLS: true }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const { to, subject, text, html, messageId } = mail;
  try {
    await within(
      timeoutMs,
      transport.sendMail({
        from,
        to: { name: '', address: to },
        subject,
        text,
        html,
        messageId: `<${messageId}>`,
        // Nobody's automatic answer is wanted. https://www.rfc-editor.org/rfc/rfc3834#section-5
        headers: { 'Auto-Submitted': 'auto-generated' },
      }),
    );
    return { kind: 'sent' };
  } catch (error) {
    return outcomeOf(error);
  } finally {
    transport.close();
  }
};
