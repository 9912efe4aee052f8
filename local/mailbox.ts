import { once } from 'node:events';
import PostalMime, { type Address } from 'postal-mime';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { HOST } from './ports.ts';
import type { Mails, ReceivedMail } from './simulator/channel.ts';

/** They hold what people wrote: so they are kept in memory alone, and no more of them than somebody would look at. */
const KEPT_MAILS = 1_000;

const addressOf = (address: Address | undefined): string => address?.address ?? '';

const readMail = async (source: Buffer, session: SMTPServerSession): Promise<ReceivedMail> => {
  const { from, subject, text, html, headers } = await PostalMime.parse(source);
  return {
    from: addressOf(from),
    to: session.envelope.rcptTo.map(({ address }) => address),
    subject: subject ?? '',
    text: text ?? '',
    html: html ?? '',
    headers: headers.map(({ key, value }) => ({ name: key, value })),
    at: new Date().toISOString(),
  };
};

interface Mailbox extends Mails {
  stop(): Promise<void>;
}

/** Takes every mail, for whomever, and delivers none. */
export const startMailbox = async (port: number): Promise<Mailbox> => {
  const mails: ReceivedMail[] = [];
  const keep = (mail: ReceivedMail): void => {
    mails.push(mail);
    mails.splice(0, mails.length - KEPT_MAILS);
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    closeTimeout: 100,
    onAuth: (_auth, _session, callback) => callback(null, { user: 'anybody' }),
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        readMail(Buffer.concat(chunks), session).then((mail) => {
          keep(mail);
          callback();
        }, callback);
      });
    },
  });
  const listening = once(server.listen(port, HOST), 'listening');
  await listening;
  // Who hangs up in the middle of a mail has sent none.
  server.on('error', () => undefined);
  return {
    list: (to) => mails.filter((mail) => to === undefined || mail.to.includes(to)),
    clear: () => {
      mails.length = 0;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
};
