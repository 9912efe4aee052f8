import { once } from 'node:events';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { sendMail, type Mail } from './mail.ts';

const mail: Mail = { to: 'ana@example.com', subject: 'S', text: 'T', html: '<p>T</p>', messageId: 'one@example.com' };

/** Whoever answers so to commands. */
const failing = (responseCode: number): Error => Object.assign(new Error('no'), { responseCode });

const withServer = async <Result>(
  options: SMTPServerOptions,
  run: (port: number) => Promise<Result>,
): Promise<Result> => {
  const server = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS'], closeTimeout: 50, ...options });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  try {
    return await run(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
};

const send = (port: number, changes: Partial<Mail> = {}, credentials = '') =>
  sendMail(
    { smtpUrl: `smtp://${credentials}127.0.0.1:${port}`, from: 'Parley <crm@example.com>', timeoutMs: 400 },
    { ...mail, ...changes },
  );

describe('handing a mail over', () => {
  it('says what became of it: taken, refused, to be tried again, or nobody knows', async () => {
    const onData: SMTPServerOptions['onData'] = (stream, _, done) => stream.on('end', () => done()).resume();
    const atRecipient = (code: number) => ({
      onRcptTo: (_: unknown, __: unknown, done: (error?: Error) => void) => done(failing(code)),
    });
    expect(await withServer({ onData }, send)).toEqual({ kind: 'sent' });
    expect(await withServer(atRecipient(550), send)).toEqual({ kind: 'refused', detail: 'EENVELOPE 550' });
    expect(await withServer(atRecipient(451), send)).toEqual({ kind: 'waiting', detail: 'EENVELOPE 451' });
    expect(
      await withServer({ onData: (stream, _, done) => stream.on('end', () => done(failing(452))).resume() }, send),
    ).toMatchObject({ kind: 'waiting' });
    const silent: SMTPServerOptions = { onData: (stream) => stream.resume() };
    expect(await withServer(silent, send)).toMatchObject({ kind: 'unknown' });
  });

  it('to nobody who listens, or who never greets, has handed over nothing', async () => {
    const closed = await withServer({}, (port) => Promise.resolve(port));
    expect(await send(closed)).toMatchObject({ kind: 'waiting' });
    const mute: SMTPServerOptions = { onConnect: () => undefined };
    expect(await withServer(mute, send)).toMatchObject({ kind: 'waiting' });
  });

  it('sends no password in the clear', async () => {
    let asked = 0;
    const onAuth: SMTPServerOptions['onAuth'] = (_, __, done) => {
      asked += 1;
      done(null, { user: 'any' });
    };
    const outcome = await withServer({ onAuth, allowInsecureAuth: true }, (port) => send(port, {}, 'user:secret@'));
    expect(outcome.kind).not.toBe('sent');
    expect(JSON.stringify(outcome)).not.toContain('secret');
    expect(asked).toBe(0);
  });

  it('never throws, whatever the address', async () => {
    await withServer({}, async (port) => {
      for (const to of ['', 'nobody', 'a@b\r\nRCPT TO:<evil@example.com>']) {
        expect((await send(port, { to })).kind).not.toBe('waiting');
      }
    });
  });
});
