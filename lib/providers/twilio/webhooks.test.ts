import { getExpectedBodyHash, getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import type { Webhook } from '../provider.ts';
import { TwilioCredentialsSchema } from './credentials.ts';
import { twilioProvider } from './twilio.ts';

const provider = twilioProvider({ apiBase: 'https://api.twilio.com', timeoutMs: 1_000 });
const credentials = {
  accountSid: `AC${'a1'.repeat(16)}`,
  authToken: '12345',
  previous: { authToken: 'before', until: '2026-02-01T00:00:00.000Z' },
};
const url = 'https://parley.example/crm/webhooks/twilio/0195?foo=1&bar=2';

const webhook = (params: Record<string, string>, changes: Partial<Webhook> = {}): Webhook => ({
  url,
  headers: {},
  body: new URLSearchParams(params).toString(),
  receivedAt: '2026-01-31T09:30:00.000Z',
  ...changes,
});

// https://www.twilio.com/docs/messaging/guides/webhook-request
const sms = {
  ToCountry: 'US',
  ToState: 'CA',
  SmsMessageSid: `SM${'c3'.repeat(16)}`,
  NumMedia: '0',
  ToCity: 'SAN FRANCISCO',
  FromZip: '94107',
  SmsSid: `SM${'c3'.repeat(16)}`,
  FromState: 'CA',
  SmsStatus: 'received',
  FromCity: 'SAN FRANCISCO',
  Body: 'Ahoy! We can’t wait + see 100% of you ☺',
  FromCountry: 'US',
  To: '+14155238886',
  NumSegments: '1',
  MessageSid: `SM${'c3'.repeat(16)}`,
  AccountSid: credentials.accountSid,
  From: '+14017122661',
  ApiVersion: '2010-04-01',
};

const signed = (token: string, params: Record<string, string> = sms): Webhook =>
  webhook(params, { headers: { 'x-twilio-signature': getExpectedTwilioSignature(token, url, params) } });

describe("Twilio's signature", () => {
  // https://www.twilio.com/docs/usage/webhooks/webhooks-security#explore-the-algorithm-yourself
  it("accepts the documentation's own example", () => {
    const example = {
      CallSid: 'CA1234567890ABCDE',
      Caller: '+14158675309',
      Digits: '1234',
      From: '+14158675309',
      To: '+18005551212',
    };
    const signature = getExpectedTwilioSignature('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', example);
    expect(signature).toBe('RSOYDt4T1cUTdK1PDd93/VVr8B8=');
    const received = webhook(example, {
      url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
      headers: { 'x-twilio-signature': signature },
    });
    expect(provider.verify(credentials, received)).toBe(true);
  });

  it('is checked over the raw form, with the current and the previous token', () => {
    expect(provider.verify(credentials, signed('12345'))).toBe(true);
    expect(provider.verify(credentials, signed('before'))).toBe(true);
    expect(provider.verify(credentials, signed('another'))).toBe(false);
  });

  it('with the former token counts for what arrived while it was good only', () => {
    const late = { ...signed('before'), receivedAt: '2026-02-01T00:00:00.000Z' };
    expect(provider.verify(credentials, late)).toBe(false);
    expect(provider.verify(credentials, { ...signed('12345'), receivedAt: late.receivedAt })).toBe(true);
  });

  it('covers every field, those that come twice too', () => {
    const body = 'MediaUrl=b&MediaUrl=a&Body=x';
    const signature = getExpectedTwilioSignature('12345', url, { MediaUrl: ['b', 'a'], Body: 'x' });
    const received = webhook({}, { body, headers: { 'x-twilio-signature': signature } });
    expect(provider.verify(credentials, received)).toBe(true);
    expect(provider.verify(credentials, { ...received, body: `${body}&Extra=1` })).toBe(false);
  });

  it('covers the address', () => {
    expect(provider.verify(credentials, { ...signed('12345'), url: url.replace('0195', '0196') })).toBe(false);
  });

  it('is checked over the hash of a body that is no form', () => {
    const body = '{"a":1}';
    const hashed = `${url}&bodySHA256=${getExpectedBodyHash(body)}`;
    const signature = getExpectedTwilioSignature('12345', hashed, {});
    const received = webhook({}, { url: hashed, body, headers: { 'x-twilio-signature': signature } });
    expect(provider.verify(credentials, received)).toBe(true);
    expect(provider.verify(credentials, { ...received, body: '{"a":2}' })).toBe(false);
  });

  it('must be there, and so must a token', () => {
    expect(provider.verify(credentials, webhook(sms))).toBe(false);
    expect(provider.verify({ accountSid: credentials.accountSid, authToken: '' }, signed(''))).toBe(false);
    expect(TwilioCredentialsSchema.safeParse({ ...credentials, authToken: '' }).success).toBe(false);
  });
});

describe('an incoming Twilio message', () => {
  it('is read from the form', () => {
    expect(provider.parseInbound(webhook(sms))).toEqual({
      kind: 'message',
      deduplicationId: sms.MessageSid,
      providerMessageId: sms.MessageSid,
      transport: 'sms',
      from: { address: '+14017122661', firstName: '+14017122661' },
      entry: 'client',
      text: sms.Body,
      media: [],
    });
  });

  it('has the profile name and the plain number on WhatsApp', () => {
    // https://www.twilio.com/docs/whatsapp/api#receiving-messages
    const whatsapp = { ...sms, From: 'whatsapp:+14017122661', ProfileName: 'Ana María Horvat', WaId: '14017122661' };
    expect(provider.parseInbound(webhook(whatsapp))).toMatchObject({
      transport: 'whatsapp',
      from: { address: '+14017122661', firstName: 'Ana', lastName: 'María Horvat' },
    });
  });

  it('keeps files by the ids in their addresses, never by the addresses', () => {
    const path = `/2010-04-01/Accounts/${credentials.accountSid}/Messages/MM${'d4'.repeat(16)}/Media/ME${'e5'.repeat(16)}`;
    const mms = {
      ...sms,
      Body: '',
      NumMedia: '2',
      MediaUrl0: `https://api.twilio.com${path}`,
      MediaContentType0: 'image/jpeg',
      MediaUrl1: 'https://evil.example/steal?Accounts/AC/Messages',
      MediaContentType1: 'text/x-vcard',
    };
    expect(provider.parseInbound(webhook(mms))).toMatchObject({
      entry: 'client',
      text: '',
      media: [
        {
          reference: `${credentials.accountSid}/MM${'d4'.repeat(16)}/ME${'e5'.repeat(16)}`,
          name: 'attachment-1.jpg',
          contentType: 'image/jpeg',
          size: 0,
        },
        { reference: '', name: 'attachment-2', contentType: 'text/x-vcard', size: 0 },
      ],
    });
  });

  it.each([
    ['STOP', 'opted-out'],
    ['START', 'opted-in'],
    ['HELP', 'unchanged'],
    ['another', undefined],
  ])('with the keyword %s makes consent %s', (OptOutType, consent) => {
    const update = provider.parseInbound(webhook({ ...sms, Body: OptOutType, OptOutType }));
    expect(update).toMatchObject({ kind: 'message', entry: 'client', text: OptOutType });
    expect('consent' in update ? update.consent : undefined).toBe(consent);
  });

  it('without words and files is an entry of the system', () => {
    const place = { ...sms, Body: '', Latitude: '45.81', Longitude: '15.98', Label: 'Zagreb' };
    expect(provider.parseInbound(webhook(place))).toMatchObject({
      entry: 'system',
      text: 'Shared a location: Zagreb (45.81, 15.98)',
    });
    expect(provider.parseInbound(webhook({ ...sms, Body: '' }))).toMatchObject({ entry: 'system', media: [] });
  });

  it.each([
    ['nothing', {}],
    ['no sender', { MessageSid: 'SM1' }],
    ['a short code', { ...sms, From: '72345' }],
    ['a name', { ...sms, From: 'BANK' }],
    ['another messenger', { ...sms, From: 'messenger:123' }],
  ])('with %s cannot be parsed', (_, params: Record<string, string>) => {
    expect(provider.parseInbound(webhook(params))).toMatchObject({ kind: 'unparsable' });
  });
});

describe("Twilio's status callback", () => {
  // https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
  const callback = {
    SmsSid: sms.MessageSid,
    SmsStatus: 'sent',
    MessageStatus: 'sent',
    To: '+15558675310',
    MessageSid: sms.MessageSid,
    AccountSid: credentials.accountSid,
    From: '+15017122661',
    ApiVersion: '2010-04-01',
  };

  it.each(['sent', 'delivered', 'read'])('reports %s', (status) => {
    expect(provider.parseReport(webhook({ ...callback, MessageStatus: status }))).toEqual({
      providerMessageId: sms.MessageSid,
      status,
    });
  });

  it.each(['accepted', 'scheduled', 'queued', 'sending', 'receiving', 'anything'])(
    'says nothing new with %s',
    (status) => {
      expect(provider.parseReport(webhook({ ...callback, MessageStatus: status }))).toBeUndefined();
    },
  );

  it.each(['undelivered', 'failed'])('reports %s as failed, with the error', (status) => {
    const failed = { ...callback, MessageStatus: status, ErrorCode: '30003', ErrorMessage: 'Unreachable destination' };
    expect(provider.parseReport(webhook(failed))).toEqual({
      providerMessageId: sms.MessageSid,
      status: 'failed',
      error: { code: '30003', detail: 'Unreachable destination', optedOut: false },
    });
  });

  it('knows an opt-out, and does without an error code', () => {
    const closed = { ...callback, MessageStatus: 'failed', ErrorCode: '63016' };
    expect(provider.parseReport(webhook(closed))?.error).toMatchObject({ code: 'whatsapp.window-closed' });
    const optedOut = { ...callback, MessageStatus: 'failed', ErrorCode: '21610' };
    expect(provider.parseReport(webhook(optedOut))?.error).toMatchObject({ code: '21610', optedOut: true });
    const blocked = { ...optedOut, ErrorCode: '63014' };
    expect(provider.parseReport(webhook(blocked))?.error).toMatchObject({ code: '63014', optedOut: true });
    expect(provider.parseReport(webhook({ ...callback, MessageStatus: 'failed' }))?.error).toMatchObject({
      code: 'failed',
    });
  });

  it('without a message says nothing', () => {
    expect(provider.parseReport(webhook({ MessageStatus: 'sent' }))).toBeUndefined();
  });
});

describe("Twilio's limits", () => {
  const file = { name: 'a.png', contentType: 'image/png', size: 1_000_000 };

  it('let through what fits', () => {
    expect(provider.checkLimits({ transport: 'sms', text: 'x'.repeat(1_600), media: [file] })).toBeUndefined();
  });

  it.each([
    ['a long text', 'sms', 1_601, 0, 'message.too-long'],
    ['a long text on WhatsApp', 'whatsapp', 1_601, 0, 'message.too-long'],
    ['eleven files', 'sms', 1, 11, 'message.too-many-files'],
    ['two files on WhatsApp', 'whatsapp', 1, 2, 'message.too-many-files'],
    ['six megabytes', 'sms', 1, 6, 'message.files-too-large'],
  ] as const)('name %s', (_, transport, length, files, code) => {
    const media = Array.from({ length: files }, () => file);
    expect(provider.checkLimits({ transport, text: 'x'.repeat(length), media })?.code).toBe(code);
  });
});
