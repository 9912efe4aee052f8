import * as fc from 'fast-check';
import { ContactTypeSchema } from '../contract/clients.ts';
import {
  identityKindOfTransport,
  identityOfContact,
  normalizeContact,
  normalizePhone,
  sameIdentity,
} from './identity.ts';

describe('a phone number', () => {
  it.each([
    '+998901234567',
    '+998 90 123 45 67',
    '+998 (90) 123-45-67',
    '+998.90.123.45.67',
    '00998901234567',
    '998901234567',
    '901234567',
    '90 123 45 67',
    ' 90-123-45-67 ',
    'tel:+998-90-123-45-67',
    '+998 90 123 45 67 ext. 8',
    '+٩٩٨٩٠١٢٣٤٥٦٧',
  ])('typed as %p in Uzbekistan is one and the same', (typed) => {
    expect(normalizePhone(typed, 'UZ')).toBe('+998901234567');
  });

  it('without a country code belongs to the default country', () => {
    expect(normalizePhone('(202) 555-0143', 'US')).toBe('+12025550143');
    expect(normalizePhone('030 901820', 'DE')).toBe('+4930901820');
    expect(normalizePhone('91 222 3344', 'HR')).toBe('+385912223344');
  });

  it('with a country code belongs to that country, whatever the default', () => {
    expect(normalizePhone('+1 202 555 0143', 'UZ')).toBe('+12025550143');
  });

  it('without a country code is none where there is no default country, or no such country', () => {
    expect(normalizePhone('90 123 45 67', null)).toBeUndefined();
    expect(normalizePhone('90 123 45 67', 'ZZ')).toBeUndefined();
  });

  it('may be one that no number plan knows: test numbers, new plans', () => {
    expect(normalizePhone('+15005550006', null)).toBe('+15005550006');
  });

  it.each(['', 'call me', '+', '12', '+998', '+1234567890123456789', '++998901234567x', 'ana@example.org'])(
    'cannot be %p',
    (typed) => {
      expect(normalizePhone(typed, 'UZ')).toBeUndefined();
    },
  );
});

describe('normalising', () => {
  it('does not eat a number zero by zero', () => {
    const once = normalizeContact({ type: 'phone', value: '+200000000000' }, null);
    expect(once === undefined ? once : normalizeContact({ type: 'phone', value: once }, null)).toBe(once);
  });

  it('once is enough', () => {
    const typed = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(...Array.from('0123456789+-() @._ABab')) }),
      fc.emailAddress(),
      fc.nat().map(String),
      fc.stringMatching(/^(whatsapp:)?\+?[0-9]{7,15}$/),
    );
    const countries = fc.constantFrom(null, 'UZ', 'US', 'IT', 'AR', 'MX', 'BR');
    fc.assert(
      fc.property(fc.constantFrom(...ContactTypeSchema.options), typed, countries, (type, value, country) => {
        const once = normalizeContact({ type, value }, country);
        fc.pre(once !== undefined);
        expect(normalizeContact({ type, value: once }, country)).toBe(once);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['email', ' Ana@Example.ORG ', 'ana@example.org'],
    ['telegram', '@Ana_Horvat', 'ana_horvat'],
    ['telegram', '123456789', '123456789'],
    ['instagram', '@Ana.H', 'ana.h'],
    ['whatsapp', 'whatsapp:+998 90 123 45 67', '+998901234567'],
    ['whatsapp', '90 123 45 67', '+998901234567'],
    ['website', ' https://Example.org/Ana ', 'https://Example.org/Ana'],
    ['other', ' Desk 4 ', 'Desk 4'],
  ] as const)('makes of the %s %p %p', (type, value, kept) => {
    expect(normalizeContact({ type, value }, 'UZ')).toBe(kept);
  });

  it.each([
    ['email', 'ana at example.org'],
    ['email', 'ana@example'],
    ['telegram', 'ab'],
    ['telegram', '@ana horvat'],
    ['instagram', 'ana/horvat'],
    ['phone', 'none'],
    ['whatsapp', '@ana'],
  ] as const)('refuses the %s %p', (type, value) => {
    expect(normalizeContact({ type, value }, 'UZ')).toBeUndefined();
  });
});

describe('two contacts', () => {
  const identity = (type: 'phone' | 'whatsapp' | 'email' | 'website' | 'other' | 'telegram', value: string) =>
    identityOfContact({ type, value });

  it('are one identity as a phone and on WhatsApp', () => {
    expect(sameIdentity(identity('phone', '+998901234567'), identity('whatsapp', '+998901234567'))).toBe(true);
  });

  it('are one identity where they differ in case only, unless the value is free text or an address', () => {
    expect(sameIdentity(identity('telegram', 'Ana_Horvat'), identity('telegram', 'ana_horvat'))).toBe(true);
    expect(sameIdentity(identity('website', 'https://a.org/A'), identity('website', 'https://a.org/a'))).toBe(false);
    expect(sameIdentity(identity('other', 'Desk'), identity('other', 'desk'))).toBe(false);
  });

  it('are two identities where they are of other types or values', () => {
    expect(sameIdentity(identity('other', '123456'), identity('telegram', '123456'))).toBe(false);
    expect(sameIdentity(identity('phone', '+998901234567'), identity('phone', '+998901234568'))).toBe(false);
  });
});

describe('a transport', () => {
  it.each([
    ['sms', 'tel'],
    ['whatsapp', 'tel'],
    ['phone', 'tel'],
    ['telegram', 'telegram'],
    ['email', 'email'],
    ['instagram', 'instagram'],
    ['website', undefined],
    ['other', undefined],
  ] as const)('%s reaches a client by %p', (transport, kind) => {
    expect(identityKindOfTransport(transport)).toBe(kind);
  });
});
