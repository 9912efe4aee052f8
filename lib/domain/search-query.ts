import { Failure } from './failure.ts';
import { joinLetters, plainWords } from './folding.ts';
import { addressOf, chunksOf } from './terms.ts';

/** A word that is searched for: the terms of which a document has to have one. */
export type Wanted = readonly string[];

const MOST_WORDS = 8;

/** As phone numbers are written. */
const isNumber = (piece: string): boolean => /^[+(]*\d[\d()+./\s-]*$/.test(piece);

/** Numbers that are copied from address books come with marks that nobody sees, and with dashes of all kinds. */
const asTyped = (query: string): string => query.replace(/\p{Cf}/gu, '').replace(/[\p{Pd}\u2212]/gu, '-');

/** Dialled from within a country, or from abroad: what stands before the number itself. */
const PREFIX = /^(?:00|0|8)(?=\d{9,})/;

/** The query in pieces; numbers that follow each other are one: they may be one that is written in groups. */
const piecesOf = (query: string): string[] =>
  chunksOf(asTyped(query)).reduce<string[]>((pieces, chunk) => {
    const last = pieces.at(-1);
    if (last === undefined || !isNumber(last) || !isNumber(chunk)) return [...pieces, chunk];
    return [...pieces.slice(0, -1), `${last} ${chunk}`];
  }, []);

/** Either all its groups are there, or all of it in one piece. */
const wantedOfNumber = (piece: string): Wanted[] => {
  const groups = plainWords(piece).flatMap(([word]) => word ?? []);
  const joined = groups.join('');
  return groups.map((group) => [...new Set([group, joined, joined.replace(PREFIX, '')])]);
};

const wantedOf = (piece: string): Wanted[] => {
  if (isNumber(piece)) return wantedOfNumber(piece);
  const address = addressOf(piece);
  if (address !== undefined) return [[address]];
  return plainWords(piece).map((spellings) => [...new Set(spellings.map(joinLetters))]);
};

/**
 * What a document has to have to be found: one term of each.
 *
 * @throws Failure `search.empty` where nothing can be searched for, `search.limit` for too many words
 */
export const parseSearch = (query: string): Wanted[] => {
  const pieces = piecesOf(query).map((piece) => ({ words: isNumber(piece) ? 1 : undefined, wanted: wantedOf(piece) }));
  const words = pieces.reduce((count, piece) => count + (piece.words ?? piece.wanted.length), 0);
  if (words === 0) throw new Failure('search.empty', 'Search for letters or digits.');
  if (words > MOST_WORDS) throw new Failure('search.limit', `Search for at most ${MOST_WORDS} words at once.`);
  const all = pieces.flatMap(({ wanted }) => wanted);
  return [...new Map(all.map((wanted) => [wanted.join(' '), wanted])).values()];
};

/** Does a document with these terms have all that is wanted? */
export const isFound = (terms: ReadonlySet<string>, wanted: readonly Wanted[]): boolean =>
  wanted.every((alternatives) => alternatives.some((term) => terms.has(term)));
