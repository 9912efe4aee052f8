import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import type { ContactInput, ContactType } from '../contract/clients.ts';
import type { Transport } from '../contract/vocabulary.ts';

/** What a client is recognised by; held by at most one client of a tenant. A phone is one identity however it is used. */
export interface Identity {
  readonly kind: 'tel' | 'email' | 'telegram' | 'instagram' | 'website' | 'other' | 'pin';
  readonly value: string;
}

const identityKind = (type: ContactType): Identity['kind'] => {
  switch (type) {
    case 'phone':
    case 'whatsapp':
      return 'tel';
    case 'email':
    case 'telegram':
    case 'instagram':
    case 'website':
    case 'other':
      return type;
  }
};

export const sameIdentity = (one: Identity, other: Identity): boolean =>
  one.kind === other.kind && one.value === other.value;

/** Case does not tell people apart, except where a value is free text. */
export const identityOfContact = ({ type, value }: Pick<ContactInput, 'type' | 'value'>): Identity => ({
  kind: identityKind(type),
  value: type === 'other' || type === 'website' ? value : value.toLowerCase(),
});

/** Which identity a client is written to by on a transport; `undefined` where nobody can be addressed. */
export const identityKindOfTransport = (
  transport: Transport,
): 'tel' | 'telegram' | 'email' | 'instagram' | undefined => {
  switch (transport) {
    case 'sms':
    case 'whatsapp':
    case 'phone':
      return 'tel';
    case 'telegram':
    case 'email':
    case 'instagram':
      return transport;
    case 'website':
    case 'other':
      return undefined;
  }
};

/** Are there phone numbers of this country? `code`: ISO 3166. */
export const hasPhoneNumbers = (code: string): code is CountryCode => isSupportedCountry(code);

const parsePhone = (raw: string, defaultCountry: string | null): string | undefined => {
  const known = defaultCountry !== null && hasPhoneNumbers(defaultCountry);
  const number = parsePhoneNumberFromString(raw, known ? { defaultCountry } : {});
  // Possible, not valid: number plans change faster than libraries, and test numbers are not in any plan.
  return number?.isPossible() === true ? number.number : undefined;
};

/** E.164 has at most 15 digits, of which each reading may take one. */
const MOST_READINGS = 15;

/**
 * A phone number as E.164, however a person wrote it; `undefined` when it cannot be one. What comes out stays as it is
 * when it goes in again: a number with zeros where a trunk prefix could be loses one each time it is read.
 *
 * @param defaultCountry ISO 3166 code of numbers without a country code
 */
export const normalizePhone = (raw: string, defaultCountry: string | null): string | undefined => {
  let number = parsePhone(raw, defaultCountry);
  for (let reading = 0; number !== undefined && reading < MOST_READINGS; reading += 1) {
    const again = parsePhone(number, null);
    if (again === number) return number;
    number = again;
  }
  return undefined;
};

const normalizers: Record<ContactType, (value: string, defaultCountry: string | null) => string | undefined> = {
  phone: normalizePhone,
  whatsapp: (value, defaultCountry) => normalizePhone(value.replace(/^whatsapp:/i, ''), defaultCountry),
  email: (value) => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) ? value.toLowerCase() : undefined),
  telegram: (value) =>
    /^(\d{1,20}|@?[A-Za-z]\w{3,31})$/.test(value) ? value.replace(/^@/, '').toLowerCase() : undefined,
  instagram: (value) => (/^@?[\w.]{1,30}$/.test(value) ? value.replace(/^@/, '').toLowerCase() : undefined),
  website: (value) => value,
  other: (value) => value,
};

/** A contact's value in the one form it is kept and compared in; `undefined` when it is not of its type. */
export const normalizeContact = ({ type, value }: ContactInput, defaultCountry: string | null): string | undefined =>
  normalizers[type](value.trim(), defaultCountry);
