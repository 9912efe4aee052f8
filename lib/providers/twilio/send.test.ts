import { answerJson, deadAddress, startStub, type StubServer } from '../stub-server.ts';
import type { OutboundMessage, SendOutcome } from '../provider.ts';
import { twilioProvider } from './twilio.ts';

const credentials = { accountSid: `AC${'a1'.repeat(16)}`, authToken: 'secret-token' };
const message: OutboundMessage = {
  transport: 'sms',
  from: '+15017122661',
  to: '+15558675310',
  text: 'Hello & čao',
  media: [],
  statusCallbackUrl: 'https://parley.example/crm/webhooks/twilio/c/status?message=1',
};
// https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
const created = {
  account_sid: credentials.accountSid,
  api_version: '2010-04-01',
  body: message.text,
  date_created: 'Thu, 24 Aug 2023 05:01:45 +0000',
  date_sent: null,
  direction: 'outbound-api',
  error_code: null,
  from: message.from,
  num_media: '0',
  sid: `SM${'b2'.repeat(16)}`,
  status: 'queued',
  to: message.to,
};

const send = (stub: { url: string }, changes: Partial<OutboundMessage> = {}, timeoutMs = 2_000): Promise<SendOutcome> =>
  twilioProvider({ apiBase: stub.url, timeoutMs }).send(credentials, { ...message, ...changes });

/** https://www.twilio.com/docs/usage/twilios-response#errors */
const refuse = (status: number, code: number, text: string, headers = {}): Promise<StubServer> =>
  startStub((_, response) =>
    answerJson(
      response,
      status,
      { code, message: text, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
      headers,
    ),
  );

describe('sending through Twilio', () => {
  it('posts the form once, with the account as user, and answers with the SID', async () => {
    await using stub = await startStub((_, response) => answerJson(response, 201, created));
    expect(await send(stub)).toEqual({ kind: 'accepted', providerMessageId: created.sid, httpStatus: 201 });
    expect(stub.requests).toHaveLength(1);
    const [request] = stub.requests;
    expect(request?.url).toBe(`/2010-04-01/Accounts/${credentials.accountSid}/Messages.json`);
    expect(request?.headers.authorization).toBe(`Basic ${btoa(`${credentials.accountSid}:secret-token`)}`);
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      To: '+15558675310',
      From: '+15017122661',
      Body: 'Hello & čao',
      StatusCallback: message.statusCallbackUrl,
    });
  });

  it('names a content template and what fills its places, and no text', async () => {
    await using stub = await startStub((_, response) => answerJson(response, 201, created));
    const content = { contentSid: `HX${'c3'.repeat(16)}`, variables: { '1': 'Olim', '2': '№ 7' } };
    await send(stub, { transport: 'whatsapp', text: '', content });
    expect(Object.fromEntries(new URLSearchParams(stub.requests[0]?.body))).toEqual({
      To: 'whatsapp:+15558675310',
      From: 'whatsapp:+15017122661',
      ContentSid: content.contentSid,
      ContentVariables: '{"1":"Olim","2":"№ 7"}',
      StatusCallback: message.statusCallbackUrl,
    });
  });

  it('names a closed window as ours do', async () => {
    await using stub = await refuse(400, 63016, 'Failed to send freeform message');
    expect(await send(stub, { transport: 'whatsapp' })).toMatchObject({
      kind: 'refused',
      code: 'whatsapp.window-closed',
    });
  });

  it('prefixes WhatsApp addresses and repeats MediaUrl for every file', async () => {
    await using stub = await startStub((_, response) => answerJson(response, 201, created));
    const file = { url: 'https://files.example/1', name: '1.png', contentType: 'image/png', size: 1 };
    await send(stub, { transport: 'whatsapp', text: '', media: [file, { ...file, url: 'https://files.example/2' }] });
    const form = new URLSearchParams(stub.requests[0]?.body);
    expect([form.get('To'), form.get('From')]).toEqual(['whatsapp:+15558675310', 'whatsapp:+15017122661']);
    expect(form.getAll('MediaUrl')).toEqual(['https://files.example/1', 'https://files.example/2']);
    expect(form.has('Body')).toBe(false);
  });

  it('is refused with the code and text of Twilio', async () => {
    await using stub = await refuse(400, 21211, "The 'To' number is not a valid phone number.");
    expect(await send(stub)).toMatchObject({
      kind: 'refused',
      code: '21211',
      detail: "The 'To' number is not a valid phone number.",
      optedOut: false,
    });
  });

  it('knows an opted-out recipient', async () => {
    await using stub = await refuse(400, 21610, 'Attempt to send to unsubscribed recipient');
    expect(await send(stub)).toMatchObject({ kind: 'refused', code: '21610', optedOut: true });
  });

  it.each([
    ['wrong credentials', 401, 20003],
    ['a suspended account', 403, 20005],
  ])('blames the channel for %s', async (_, status, code) => {
    await using stub = await refuse(status, code, 'Authenticate');
    expect(await send(stub)).toMatchObject({ kind: 'channel-fault', code: String(code), detail: 'Authenticate' });
  });

  it('does not blame the channel for a region without permission', async () => {
    await using stub = await refuse(403, 21408, 'Permission to send an SMS has not been enabled for the region');
    expect(await send(stub)).toMatchObject({ kind: 'refused', code: '21408' });
  });

  it('pauses the channel for as long as Retry-After says, or a little where it says nothing', async () => {
    await using told = await refuse(429, 20429, 'Too Many Requests', { 'retry-after': '7' });
    expect(await send(told)).toMatchObject({ kind: 'rate-limited', retryAfterSeconds: 7, scope: 'channel' });
    await using silent = await refuse(429, 20429, 'Too Many Requests');
    expect(await send(silent)).toMatchObject({ kind: 'rate-limited', retryAfterSeconds: 2, scope: 'channel' });
    expect(silent.requests).toHaveLength(1);
  });

  it('is unreachable when nobody listens or the name does not resolve', async () => {
    expect(await send({ url: await deadAddress() })).toMatchObject({
      kind: 'unreachable',
      detail: 'no connection (ECONNREFUSED)',
    });
    expect(await send({ url: 'http://no-such-host.invalid' })).toMatchObject({ kind: 'unreachable' });
  });

  it('is ambiguous after a 5xx, a reset, a hang, and a success that names no message', async () => {
    await using failing = await startStub((_, response) => answerJson(response, 503, { status: 503 }));
    expect(await send(failing)).toEqual({ kind: 'ambiguous', detail: 'Twilio answered 503', httpStatus: 503 });
    await using resetting = await startStub((_, response) => void response.socket?.resetAndDestroy());
    expect(await send(resetting)).toMatchObject({ kind: 'ambiguous' });
    await using hanging = await startStub(() => undefined);
    expect(await send(hanging, {}, 200)).toMatchObject({ kind: 'ambiguous' });
    await using nonsense = await startStub((_, response) => void response.writeHead(201).end('<html>'));
    expect(await send(nonsense)).toMatchObject({ kind: 'ambiguous' });
    await using nameless = await startStub((_, response) => answerJson(response, 201, {}));
    expect(await send(nameless)).toMatchObject({ kind: 'ambiguous' });
  });

  it('ends in time although bytes keep trickling in', async () => {
    await using trickling = await startStub((_, response) => {
      response.writeHead(201, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    });
    const start = performance.now();
    expect(await send(trickling, {}, 300)).toMatchObject({ kind: 'ambiguous' });
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
