import type { ClientId } from '../contract/vocabulary.ts';
import { identitiesOf, type ClientRecord } from './client.ts';
import type { Identity } from './identity.ts';

/** Something that is a person's alone, in the form in which a payload can hold it. */
type Sign = (payload: Payload) => boolean;

interface Payload {
  readonly text: string;
  readonly lower: string;
}

/** Fewer digits than this tell nobody apart. */
const LEAST_DIGITS = 7;
/** Shorter handles are words. */
const LEAST_LETTERS = 4;

/** The digits alone, and not as a part of a longer number: a payload may write `+998…`, `%2B998…` or `00998…`. */
const number = (value: string): Sign[] => {
  const digits = value.replaceAll(/\D/g, '');
  if (digits.length < LEAST_DIGITS) return [];
  const pattern = new RegExp(`(?<!\\d)(%2[Bb]|00)?${digits}(?!\\d)`);
  return [({ text }) => pattern.test(text)];
};

const quoted = (value: string): string => value.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

/** As it is, or as a form writes it, and not as a part of a longer word. */
const text = (value: string): Sign[] => {
  if (value.length < LEAST_LETTERS) return [];
  const lower = value.toLowerCase();
  const forms = [lower, encodeURIComponent(lower).toLowerCase(), new URLSearchParams({ v: lower }).toString().slice(2)];
  const pattern = new RegExp(`(?:^|\\W|%[0-9a-f]{2})(?:${forms.map(quoted).join('|')})(?!\\w)`);
  return [(payload) => pattern.test(payload.lower)];
};

const signsOfIdentity = ({ kind, value }: Identity): Sign[] => {
  switch (kind) {
    case 'tel':
      return number(value);
    case 'telegram':
    case 'pin':
      return /^\d+$/.test(value) ? number(value) : text(value);
    case 'email':
    case 'instagram':
      return text(value);
    // Free text: it may be any word.
    case 'website':
    case 'other':
      return [];
  }
};

/** Who took part in the client's chat, as far as addresses tell, or what the client's own addresses once were. */
interface Participant {
  readonly type: string;
  readonly address: string | null;
  readonly handle: string | null;
}

const signsOfParticipant = ({ type, address, handle }: Participant): Sign[] => {
  if (type === 'user' || type === 'system') return [];
  const addresses = address === null ? [] : /^\+?\d+$/.test(address) ? number(address) : text(address);
  return [...addresses, ...(handle === null ? [] : text(handle))];
};

/**
 * Whether a payload that nobody could make sense of mentions one of these clients: by its id, an address that it has or
 * wrote from, or its PIN. Names are no sign: they are others' too.
 */
export const mentioning = (
  clients: readonly ClientRecord[],
  ids: readonly ClientId[],
  participants: readonly Participant[],
): ((payload: string) => boolean) => {
  const signs = [
    ...ids.flatMap(text),
    ...clients.flatMap(({ email }) => (email === null ? [] : text(email))),
    ...clients.flatMap(identitiesOf).flatMap(signsOfIdentity),
    ...participants.flatMap(signsOfParticipant),
  ];
  return (payload) => {
    const both = { text: payload, lower: payload.toLowerCase() };
    return signs.some((sign) => sign(both));
  };
};
