import { foldCase } from './case-fold.ts';

/** All that is written for an apostrophe, which tells Uzbek letters apart (oʻ, gʻ) and stands for a pause (ʼ). */
const APOSTROPHES = /['`´ʹʻʼʽʾʿˈ‘’‛′＇]/gu;
/** What is not seen: joiners, direction marks, soft hyphens. */
const INVISIBLE = /\p{Cf}/gu;
const NO_WORD = /[^\p{L}\p{N}\p{M}]+/u;

/** How a letter is written in the Latin alphabet; a second way where Uzbek and Russian, or careful and hasty, differ. */
type Spelling = string | readonly [first: string, second: string];

/** Letters that would lose what tells them apart with their mark. */
const MARKED: Readonly<Record<string, Spelling>> = {
  ё: ['yo', 'e'],
  й: 'y',
  ў: 'o',
  ї: 'yi',
};

/**
 * Uzbek as its Latin alphabet of 1995 has it, and what Russian, Kazakh, Tajik and Ukrainian add. `oʻ` and `gʻ` come
 * without their apostrophe, as people type them.
 */
const LETTERS: Readonly<Record<string, Spelling>> = {
  а: 'a',
  ә: 'a',
  б: 'b',
  в: 'v',
  г: 'g',
  ғ: 'g',
  ґ: 'g',
  д: 'd',
  е: 'e',
  є: 'e',
  ж: 'j',
  ҷ: 'j',
  з: 'z',
  и: 'i',
  і: 'i',
  к: 'k',
  қ: 'q',
  л: 'l',
  м: 'm',
  н: 'n',
  ң: 'ng',
  о: 'o',
  ө: 'o',
  п: 'p',
  р: 'r',
  с: 's',
  т: 't',
  у: 'u',
  ү: 'u',
  ұ: 'u',
  ф: 'f',
  х: 'x',
  ҳ: 'h',
  һ: 'h',
  ц: ['ts', 's'],
  ч: 'ch',
  ш: 'sh',
  щ: ['shch', 'sh'],
  ъ: '',
  ы: ['y', 'i'],
  ь: '',
  э: 'e',
  ю: 'yu',
  я: 'ya',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ł: 'l',
  þ: 'th',
};

const AMBIGUOUS = /[ёцщы]/gu;

/** @param second the letters that are spelled in their second way */
const respell = (word: string, table: Readonly<Record<string, Spelling>>, second: string): string =>
  Array.from(word, (letter) => {
    const spelling = table[letter] ?? letter;
    return typeof spelling === 'string' ? spelling : spelling[second.includes(letter) ? 1 : 0];
  }).join('');

const inLatin = (word: string, second: string): string =>
  respell(respell(word, MARKED, second).normalize('NFKD').replace(/\p{M}/gu, ''), LETTERS, second);

/** People mix the ways: Синицын is Sinitsyn, and Sinitsin. Of more than two letters the others go with the second one. */
const waysOf = (word: string): string[] => {
  const [first = '', ...others] = new Set(word.match(AMBIGUOUS));
  const rest = others.join('');
  return ['', first, rest, first + rest];
};

/** Before and after normalising: a free-standing accent becomes a space and an accent, and `ŉ` holds an apostrophe. */
const withoutApostrophes = (text: string): string => text.replace(APOSTROPHES, '').replace(INVISIBLE, '');

/** The words of a text in lower case, each in one piece whatever apostrophes it has. */
const wordsOf = (text: string): string[] =>
  withoutApostrophes(foldCase(withoutApostrophes(text).normalize('NFKC')))
    .split(NO_WORD)
    .filter((word) => word !== '');

/**
 * Letters that the alphabets write in more than one way become one: `kh` is х, `zh` and `dj` are ж, `ye` is е. A row of
 * letters is looked at from its first one alone, or a long one would take the square of its length.
 */
export const joinLetters = (word: string): string =>
  word
    .replaceAll('kh', 'x')
    .replaceAll('zh', 'j')
    .replace(/(?<!d)d+j/g, 'j')
    .replace(/(?<!y)y+e/g, 'e');

/**
 * Each word of a text in plain Latin letters: no case, no accents, no apostrophes, Cyrillic spelled out. Another script
 * stays what it is. A word that can be spelled in several ways is given in each, up to four.
 */
export const plainWords = (text: string): string[][] =>
  wordsOf(text)
    .map((word) => [...new Set([...new Set(waysOf(word))].map((second) => inLatin(word, second)))])
    .map((spellings) => spellings.filter((word) => word !== ''))
    .filter((spellings) => spellings.length > 0);

/** A text as it sorts: in plain letters, the Cyrillic among the Latin. */
export const foldForSorting = (text: string): string =>
  plainWords(text)
    .flatMap(([word]) => word ?? [])
    .join(' ');
