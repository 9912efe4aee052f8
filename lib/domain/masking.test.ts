import { marshall } from '@aws-sdk/util-dynamodb';
import * as fc from 'fast-check';
import { maskPayload } from './masking.ts';

const id = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';
const secret = '123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc';

const payload = {
  'detail-type': 'MessageReceived',
  detail: {
    id,
    occurredAt: '2026-01-31T09:30:00.000Z',
    data: { text: 'Salom', sender: { name: 'Olim', address: '+998901234567' } },
  },
  headers: { 'x-telegram-bot-api-secret-token': 'sesame', 'x-twilio-signature': 'abc=' },
  credentials: { botToken: secret },
  inside: JSON.stringify({ authToken: 'hidden', url: `https://api.telegram.org/bot${secret}/getMe` }),
};

describe('masking a payload', () => {
  it('leaves secrets out by their name and by their form, however deep they stand', () => {
    const masked = maskPayload(JSON.stringify(payload), { private: false });
    for (const hidden of ['sesame', 'abc=', secret, 'hidden']) expect(masked).not.toContain(hidden);
    for (const shown of ['Salom', 'Olim', '+998901234567', id]) expect(masked).toContain(shown);
  });

  it('leaves texts, names and addresses out where they are private, and keeps ids, types and times', () => {
    const masked = maskPayload(JSON.stringify(payload), { private: true });
    for (const hidden of ['Salom', 'Olim', '998901234567', 'sesame', secret]) expect(masked).not.toContain(hidden);
    for (const shown of ['MessageReceived', id, '2026-01-31T09:30:00.000Z', 'sender']) expect(masked).toContain(shown);
  });

  it('does the same with a form, and shows nothing private of what has no form', () => {
    const form = 'MessageSid=SM1&From=%2B998901234567&Body=Salom+Olim&MessageStatus=sent&AuthToken=sesame';
    expect(maskPayload(form, { private: true })).toBe(
      'MessageSid=•••&From=•••&Body=•••&MessageStatus=sent&AuthToken=•••',
    );
    expect(maskPayload(form, { private: false })).toContain('Body=Salom Olim');
    expect(maskPayload(form, { private: false })).not.toContain('sesame');
    expect(maskPayload('Olim: +998901234567', { private: true })).toBe('•••');
    expect(maskPayload('Authorization: Bearer abc.def', { private: false })).toBe('Authorization: •••');
    expect(maskPayload('{"update_id":7,"from":{"id":1234567890}}', { private: true })).toBe(
      '{"update_id":7,"from":{"id":"•••"}}',
    );
  });

  it('leaves nothing of what an event tells whose type or subject is withheld, in every form in which it is kept', () => {
    const isWithheld = (type: string): boolean => ['user', 'LegalHoldSet'].includes(type);
    const event = (type: string, subject: string) => ({
      type,
      subject: { type: subject, id },
      data: { email: 'olim@example.com' },
      previous: { quiet: 22 },
    });
    const detail = event('UserUpdated', 'user');
    const body = JSON.stringify({ 'detail-type': 'UserUpdated', detail });
    const forms = [
      body,
      JSON.stringify({ redrive: { body } }),
      JSON.stringify({ dynamodb: { NewImage: marshall({ outbox: { event: detail } }) } }),
      JSON.stringify({ detail: event('LegalHoldSet', 'client') }),
    ];
    for (const form of forms) {
      const masked = maskPayload(form, { private: false, isWithheld });
      for (const hidden of ['olim@example.com', '22']) expect(masked).not.toContain(hidden);
      expect(masked).toContain(id);
    }
    const other = JSON.stringify({ detail: event('ClientUpdated', 'client') });
    expect(maskPayload(other, { private: false, isWithheld })).toBe(other);
  });

  it('never tells a text under a name of a secret, whatever else there is', () => {
    fc.assert(
      fc.property(fc.json(), fc.string({ minLength: 8 }), fc.boolean(), (json, text, isPrivate) => {
        fc.pre(
          !json.includes(JSON.stringify(text).slice(1, -1)) &&
            text.trim() !== '' &&
            !'{"apiToken":"•••","json":'.includes(text),
        );
        const masked = maskPayload(`{"apiToken":${JSON.stringify(text)},"json":${json}}`, { private: isPrivate });
        expect(masked).not.toContain(JSON.stringify(text));
      }),
    );
  });
});
