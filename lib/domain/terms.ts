import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { foldCase } from './case-fold.ts';
import { joinLetters, plainWords } from './folding.ts';

/** Fewer digits of a phone number find too much. */
const FEWEST_DIGITS = 3;

const AT = '@';
const ADDRESS = /^[^\s@]+@[^\s@]+$/;
/** From the first letter or digit to the last. */
const BARE = /[\p{L}\p{N}](?:.*[\p{L}\p{N}])?/su;

/** An e-mail address as it is compared; undefined for what is none. */
export const addressOf = (chunk: string): string | undefined => {
  const [bare = ''] = BARE.exec(foldCase(chunk)) ?? [];
  return ADDRESS.test(bare) ? bare : undefined;
};

/** Everything a word begins with. Each beginning is folded by itself: `K` finds Khurshid, and `Kh` finds Хуршид as well. */
const beginningsOf = (word: string): string[] => {
  const letters = Array.from(word);
  return letters.map((_, last) => joinLetters(letters.slice(0, last + 1).join('')));
};

/** A text in pieces, of which each may be an address: apart from what people write before it, or between two. */
export const chunksOf = (text: string): string[] => text.split(/[\s,;:<>"|]+/).filter((chunk) => chunk !== '');

const addressesIn = (text: string): string[] => chunksOf(text).flatMap((chunk) => addressOf(chunk) ?? []);

/** What finds a text by its whole words, and by an e-mail address that it names. */
export const wordTerms = (text: string): string[] => [
  ...plainWords(text).flat().map(joinLetters),
  ...addressesIn(text),
];

/** What finds a text by whatever its words begin with. */
export const beginningTerms = (text: string): string[] => plainWords(text).flat().flatMap(beginningsOf);

/** What finds an e-mail address: what the words before the @ begin with, those after it, and the whole up to anywhere after it. */
export const addressTerms = (address: string): string[] => {
  const whole = addressOf(address) ?? foldCase(address);
  const [local = '', ...domain] = whole.split(AT);
  const letters = Array.from(whole);
  const upTo = Array.from(local).length + 2;
  const wholes = letters.slice(upTo - 1).map((_, more) => letters.slice(0, upTo + more).join(''));
  return [...beginningTerms(local), ...wordTerms(domain.join(' ')), ...wholes];
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

const keyOfTerm = (term: string): string => Array.from(term).slice(0, KEY_LETTERS).join('');

/**
 * Under which keys a document with these terms is looked up, as many as there is room for: what comes first matters most.
 * E-mail addresses are looked up by their words.
 */
export const keysOfTerms = (terms: ReadonlySet<string>): string[] => {
  let room = MOST_LETTERS;
  const keys = new Set([...terms].filter((term) => !term.includes(AT)).map(keyOfTerm));
  return [...keys].filter((key) => (room -= key.length + 1) >= 0);
};

/** Under which keys to look for these terms, of which a document has one. */
export const keysToLookUp = (terms: readonly string[]): string[] => [
  ...new Set(
    terms.map((term) => {
      const words = term.includes(AT)
        ? plainWords(term.split(AT)[0] ?? '').map(([word = '']) => joinLetters(word))
        : [term];
      const [longest = ''] = words.toSorted((one, other) => other.length - one.length);
      return keyOfTerm(longest);
    }),
  ),
];
