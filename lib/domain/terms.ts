import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { foldCase } from './case-fold.ts';
import { joinLetters, plainWords } from './folding.ts';

/** Fewer digits of a phone number find too much. */
const FEWEST_DIGITS = 3;

const ADDRESS = /^[^\s@]+@[^\s@]+$/;

/** An e-mail address as it is compared; undefined for what is none. */
export const addressOf = (chunk: string): string | undefined => {
  const bare = foldCase(chunk).replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
  return ADDRESS.test(bare) ? bare : undefined;
};

/** Everything a word begins with. Each beginning is folded by itself: `K` finds Khurshid, and `Kh` finds Хуршид as well. */
const beginningsOf = (word: string): string[] => {
  const letters = Array.from(word);
  return letters.map((_, last) => joinLetters(letters.slice(0, last + 1).join('')));
};

const addressesIn = (text: string): string[] => text.split(/\s+/).flatMap((chunk) => addressOf(chunk) ?? []);

/** What finds a text by its whole words, and by an e-mail address that it names. */
export const wordTerms = (text: string): string[] => [
  ...plainWords(text).flat().map(joinLetters),
  ...addressesIn(text),
];

/** What finds a text by whatever its words begin with. */
export const beginningTerms = (text: string): string[] => plainWords(text).flat().flatMap(beginningsOf);

/** What finds an e-mail address: the beginnings of its parts, and those of the whole as far as they are an address. */
export const addressTerms = (address: string): string[] => {
  const letters = Array.from(addressOf(address) ?? foldCase(address));
  const parted = letters.indexOf('@');
  const wholes = parted < 1 ? [] : letters.slice(parted + 1).map((_, at) => letters.slice(0, parted + 2 + at).join(''));
  return [...beginningTerms(address), ...wholes];
};

/** What finds a number of a document: also when it is written in one piece, or its letters apart from its digits. */
export const documentTerms = (number: string): string[] => {
  const joined = plainWords(number)
    .flatMap(([word]) => word ?? [])
    .join('');
  const apart = joined.replace(/(?<=\d)(?=\D)|(?<=\D)(?=\d)/gu, ' ');
  return [number, joined, apart].flatMap(beginningTerms);
};

/** What finds a phone number: its first digits, with and without the country's code, and its last ones. */
export const phoneTerms = (phone: string): string[] => {
  const digits = phone.replace(/\D/g, '');
  const national = parsePhoneNumberFromString(phone)?.nationalNumber ?? digits;
  const lengths = (number: string): number[] =>
    Array.from({ length: Math.max(0, number.length - FEWEST_DIGITS + 1) }, (_, more) => FEWEST_DIGITS + more);
  return [
    ...lengths(digits).flatMap((length) => [digits.slice(0, length), digits.slice(-length)]),
    ...lengths(national).map((length) => national.slice(0, length)),
  ];
};

/** A term is looked up by so many letters; what stands there is compared as a whole. */
const KEY_LETTERS = 20;
/** All keys of a document have to fit, twice, into an item of 400 KB; a letter takes up to three bytes, or two of them four. */
const MOST_LETTERS = 50_000;

export const keyOfTerm = (term: string): string => Array.from(term).slice(0, KEY_LETTERS).join('');

/** Under which keys a document with these terms is looked up, as many as there is room for: what comes first matters most. */
export const keysOfTerms = (terms: ReadonlySet<string>): string[] => {
  let room = MOST_LETTERS;
  return [...new Set(Array.from(terms, keyOfTerm))].filter((key) => (room -= key.length + 1) >= 0);
};
