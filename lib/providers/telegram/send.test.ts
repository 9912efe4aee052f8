import * as z from 'zod';
import { answerJson, deadAddress, startStub, type StubRequest } from '../stub-server.ts';
import type { OutboundMedia, OutboundMessage, SendOutcome } from '../provider.ts';
import { telegramProvider } from './telegram.ts';

const credentials = { botToken: '123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11', webhookSecret: 'secret' };
const message: OutboundMessage = {
  transport: 'telegram',
  from: '@parley_bot',
  to: '1111111',
  text: 'Hello <b>čao</b>',
  media: [],
  statusCallbackUrl: 'https://parley.example/status',
};
const sent = { ok: true, result: { message_id: 42, date: 1441645532, chat: { id: 1111111, type: 'private' } } };

const send = (stub: { url: string }, changes: Partial<OutboundMessage> = {}, timeoutMs = 2_000): Promise<SendOutcome> =>
  telegramProvider({ apiBase: stub.url, timeoutMs }).send(credentials, { ...message, ...changes });

const accepting = () => startStub((_, response) => answerJson(response, 200, sent));

/** https://core.telegram.org/bots/api#making-requests */
const refusing = (code: number, description: string, parameters?: object) =>
  startStub((_, response) => answerJson(response, code, { ok: false, error_code: code, description, parameters }));

const asked = (request: StubRequest | undefined) => ({
  method: request?.url.split('/').at(-1),
  payload: z.json().parse(JSON.parse(request?.body ?? 'null')),
});

const photo: OutboundMedia = { url: 'https://files.example/p.jpg', name: 'p.jpg', contentType: 'image/jpeg', size: 9 };
const pdf: OutboundMedia = {
  url: 'https://files.example/d.pdf',
  name: 'd.pdf',
  contentType: 'application/pdf',
  size: 9,
};

describe('sending through Telegram', () => {
  it('sends a plain text once and names the message by chat and number', async () => {
    await using stub = await accepting();
    expect(await send(stub)).toEqual({ kind: 'accepted', providerMessageId: '1111111:42', httpStatus: 200 });
    expect(stub.requests).toHaveLength(1);
    expect(stub.requests[0]?.url).toBe(`/bot${credentials.botToken}/sendMessage`);
    expect(asked(stub.requests[0]).payload).toEqual({ chat_id: '1111111', text: message.text });
  });

  it('sends one picture as a photo and one PDF as a document, with the text as caption', async () => {
    await using stub = await accepting();
    await send(stub, { media: [photo] });
    await send(stub, { media: [pdf], text: '' });
    expect(stub.requests.map(asked)).toEqual([
      { method: 'sendPhoto', payload: { chat_id: '1111111', photo: photo.url, caption: message.text } },
      { method: 'sendDocument', payload: { chat_id: '1111111', document: pdf.url } },
    ]);
  });

  it('sends several pictures as one album, named by its first message', async () => {
    const second = { ...sent.result, message_id: 43 };
    await using stub = await startStub((_, response) =>
      answerJson(response, 200, { ok: true, result: [sent.result, second] }),
    );
    expect(await send(stub, { media: [photo, photo] })).toMatchObject({
      kind: 'accepted',
      providerMessageId: '1111111:42',
    });
    expect(stub.requests.map(asked)).toEqual([
      {
        method: 'sendMediaGroup',
        payload: {
          chat_id: '1111111',
          media: [
            { type: 'photo', media: photo.url, caption: message.text },
            { type: 'photo', media: photo.url },
          ],
        },
      },
    ]);
  });

  // "In sendDocument, sending by URL will currently only work for GIF, PDF and ZIP files."
  it('hands over the bytes of what Telegram does not fetch itself, pictures among documents too', async () => {
    await using files = await startStub((_, response) => void response.end('the bytes'));
    await using stub = await accepting();
    const picture = { ...photo, url: `${files.url}/p.jpg` };
    expect(await send(stub, { media: [picture, pdf] })).toMatchObject({ kind: 'accepted' });
    const body = stub.requests[0]?.body ?? '';
    expect(body).toContain('filename="p.jpg"');
    expect(body).toContain('the bytes');
    expect(body).toContain(`{"type":"document","media":"${pdf.url}"}`);
  });

  it('is unreachable when our own copy of a file cannot be read', async () => {
    await using files = await startStub((_, response) => void response.writeHead(403).end());
    await using stub = await accepting();
    const text = { url: files.url, name: 'a.docx', contentType: 'application/msword', size: 1 };
    expect(await send(stub, { media: [text] })).toMatchObject({
      kind: 'unreachable',
      detail: 'a file to send could not be read',
    });
    expect(stub.requests).toHaveLength(0);
  });

  it('is refused with the code and text of Telegram', async () => {
    await using stub = await refusing(400, 'Bad Request: chat not found');
    expect(await send(stub)).toMatchObject({
      kind: 'refused',
      code: '400',
      detail: 'Bad Request: chat not found',
      optedOut: false,
    });
  });

  it.each([
    ['Forbidden: bot was blocked by the user', true],
    ['Forbidden: user is deactivated', false],
  ])('is refused on "%s", opted out: %s', async (description, optedOut) => {
    await using stub = await refusing(403, description);
    expect(await send(stub)).toMatchObject({ kind: 'refused', code: '403', optedOut });
  });

  it.each([
    [401, 'Unauthorized'],
    [404, 'Not Found'],
  ])('blames the channel for a bad token (%s)', async (code, description) => {
    await using stub = await refusing(code, description);
    expect(await send(stub)).toMatchObject({ kind: 'channel-fault', code: String(code), detail: description });
  });

  it('pauses the chat as long as retry_after says', async () => {
    await using stub = await refusing(429, 'Too Many Requests: retry after 35', { retry_after: 35 });
    expect(await send(stub)).toEqual({
      kind: 'rate-limited',
      retryAfterSeconds: 35,
      scope: 'chat',
      httpStatus: 429,
    });
    expect(stub.requests).toHaveLength(1);
  });

  it('is unreachable when nobody listens', async () => {
    expect(await send({ url: await deadAddress() })).toMatchObject({
      kind: 'unreachable',
      detail: 'no connection (ECONNREFUSED)',
    });
  });

  it('is ambiguous after a 5xx, a reset, a hang and nonsense, and never tells the token', async () => {
    await using failing = await refusing(502, 'Bad Gateway');
    await using resetting = await startStub((_, response) => void response.socket?.resetAndDestroy());
    await using hanging = await startStub(() => undefined);
    await using nonsense = await startStub((_, response) => void response.writeHead(200).end('<html>'));
    await using nameless = await startStub((_, response) => answerJson(response, 200, { ok: true, result: {} }));
    for (const stub of [failing, resetting, hanging, nonsense, nameless]) {
      const outcome = await send(stub, {}, 300);
      expect(outcome.kind).toBe('ambiguous');
      expect(JSON.stringify(outcome)).not.toContain('ABC-DEF');
    }
  });
});

describe('connecting a Telegram bot', () => {
  const channel = {
    address: undefined,
    transport: 'telegram',
    webhookUrl: 'https://parley.example/tg/webhook/1',
  } as const;
  const providerAt = (apiBase: string) => telegramProvider({ apiBase, timeoutMs: 1_000 });
  const me = { ok: true, result: { id: 123456, is_bot: true, first_name: 'Parley', username: 'parley_bot' } };

  it('asks who it is and sets the webhook with the secret', async () => {
    await using stub = await startStub(({ url }, response) =>
      answerJson(response, 200, url.endsWith('getMe') ? me : { ok: true, result: true }),
    );
    expect(await providerAt(stub.url).connect(credentials, channel)).toEqual({
      kind: 'connected',
      address: '@parley_bot',
    });
    expect(stub.requests.map(asked)[1]).toEqual({
      method: 'setWebhook',
      payload: {
        url: channel.webhookUrl,
        secret_token: 'secret',
        allowed_updates: ['message', 'edited_message', 'my_chat_member'],
        drop_pending_updates: false,
      },
    });
  });

  it('is refused with a bad token or a bad address, unavailable otherwise', async () => {
    await using bad = await refusing(401, 'Unauthorized');
    await using failing = await refusing(500, 'Internal Server Error');
    await using address = await refusing(400, 'Bad Request: bad webhook: HTTPS url must be provided for webhook');
    expect(await providerAt(bad.url).connect(credentials, channel)).toMatchObject({ kind: 'refused' });
    expect(await providerAt(address.url).connect(credentials, channel)).toMatchObject({
      kind: 'refused',
      detail: 'Bad Request: bad webhook: HTTPS url must be provided for webhook',
    });
    expect(await providerAt(failing.url).connect(credentials, channel)).toMatchObject({ kind: 'unavailable' });
    expect(await providerAt(await deadAddress()).connect(credentials, channel)).toMatchObject({ kind: 'unavailable' });
  });

  it('is probed by asking who it is, and let go even if Telegram is away', async () => {
    await using fine = await startStub((_, response) => answerJson(response, 200, me));
    await using bad = await refusing(404, 'Not Found');
    expect(await providerAt(fine.url).probe(credentials)).toBe('usable');
    expect(await providerAt(bad.url).probe(credentials)).toBe('unusable');
    const away = providerAt(await deadAddress());
    expect(await away.probe(credentials)).toBe('unavailable');
    await expect(away.disconnect(credentials)).resolves.toBeUndefined();
  });
});
