import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { Delimiter, Encoding } from '../contract/csv-files.ts';

/** One row of a file, a byte a character. `cells` is null where quotes do not match. */
interface RawRow {
  readonly cells: readonly string[] | null;
  /** Where the next row begins, in bytes from the beginning of what was read. */
  readonly end: number;
}

/** A row of more bytes than all fields of a client together take is not one. */
export const MAX_ROW_BYTES = 256 * 1024;
/** As much of a file as is read at a time: more than a row. */
export const CHUNK_BYTES = 1024 * 1024;

/** A line without an end: the file is no CSV. */
export class Unreadable extends Error {
  override name = 'Unreadable';
}

interface Parsed {
  readonly rows: { readonly cells: readonly string[]; readonly end: number }[];
  /** Why the parser went no further. */
  readonly stoppedBy: CsvError['code'] | undefined;
}

/** All that follows the format, until something does not. https://www.rfc-editor.org/rfc/rfc4180 */
const parseStrictly = (bytes: Uint8Array, delimiter: string, relax: boolean, most = Infinity): Parsed => {
  const rows: Parsed['rows'] = [];
  try {
    parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      // Whatever encoding they are in, which is judged row by row, bytes stay what they are.
      encoding: 'latin1',
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: relax,
      max_record_size: 0,
      ...(most !== Infinity && { to: most }),
      on_record: (cells, { bytes: end }) => {
        rows.push({ cells, end });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { rows, stoppedBy: error.code };
  }
  return { rows, stoppedBy: undefined };
};

const CR = 13;
const LF = 10;

/** Where the line that begins at `start` ends, its break included; undefined when it goes on beyond what there is. */
const endOfLine = (bytes: Uint8Array, start: number, isLast: boolean): number | undefined => {
  let at = start;
  while (at < bytes.length && bytes[at] !== CR && bytes[at] !== LF) at += 1;
  if (at === bytes.length) return isLast ? at : undefined;
  if (bytes[at] === LF) return at + 1;
  if (at + 1 === bytes.length && !isLast) return undefined;
  return bytes[at + 1] === LF ? at + 2 : at + 1;
};

/**
 * A row that does not follow the format is taken to end with its line, so that an unclosed quote swallows nothing but its
 * own. Quotes within a cell that does not begin with one are what careless programs write, and mean themselves.
 */
const salvage = (line: Uint8Array, delimiter: string, end: number): RawRow => {
  const { rows, stoppedBy } = parseStrictly(line, delimiter, true);
  const [row] = rows;
  return { cells: stoppedBy === undefined && rows.length === 1 && row !== undefined ? row.cells : null, end };
};

interface Portion {
  readonly rows: readonly RawRow[];
  readonly isMalformed: boolean;
}

/** The rows from `start` on that are whole. Where a file goes on, what touches the end of its part may do so too. */
const wholeRows = (bytes: Uint8Array, start: number, delimiter: string, isLast: boolean): Portion => {
  const { rows, stoppedBy } = parseStrictly(bytes.subarray(start), delimiter, false);
  const whole: RawRow[] = [];
  let begin = start;
  for (const { cells, end } of rows) {
    if (start + end - begin > MAX_ROW_BYTES) return { rows: whole, isMalformed: true };
    if (!isLast && start + end === bytes.length) return { rows: whole, isMalformed: false };
    begin = start + end;
    whole.push({ cells, end: begin });
  }
  const mayClose = stoppedBy === 'CSV_QUOTE_NOT_CLOSED' && !isLast && bytes.length - begin <= MAX_ROW_BYTES;
  return { rows: whole, isMalformed: stoppedBy !== undefined && !mayClose };
};

/** So many rows are salvaged at a time: each takes a parser of its own, and a company in quotes may stand in every row. */
const MOST_SALVAGED = 1_000;

/**
 * The rows that a part of a file holds from its first byte on, which begins a row; not all of them where many do not
 * follow the format. However a file is cut into parts, of at least `CHUNK_BYTES` but the last, its rows are the same.
 *
 * @param isLast whether the file ends with this part
 * @throws Unreadable when a line has no end
 */
export const readRows = (bytes: Uint8Array, delimiter: Delimiter, isLast: boolean): RawRow[] => {
  const all: RawRow[] = [];
  for (let start = 0, salvaged = 0; start < bytes.length && salvaged < MOST_SALVAGED; salvaged += 1) {
    const { rows, isMalformed } = wholeRows(bytes, start, delimiter, isLast);
    for (const row of rows) all.push(row);
    start = rows.at(-1)?.end ?? start;
    if (!isMalformed) return all;
    const end = endOfLine(bytes, start, isLast);
    if (end === undefined && !isLast && bytes.length - start <= MAX_ROW_BYTES) return all;
    if (end === undefined || end - start > MAX_ROW_BYTES) throw new Unreadable('A line of the file has no end.');
    all.push(salvage(bytes.subarray(start, end), delimiter, end));
    start = end;
  }
  return all;
};

/** The cells as text; undefined where they are not in this encoding. */
export const decodeCells = (cells: readonly string[], encoding: Encoding): string[] | undefined => {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  try {
    return cells.map((cell) => (/[^\0-\x7f]/.test(cell) ? decoder.decode(Buffer.from(cell, 'latin1')) : cell));
  } catch {
    return undefined;
  }
};

const BOM = [0xef, 0xbb, 0xbf];

/** How many bytes stand before the first row. */
export const bomLength = (bytes: Uint8Array): number =>
  BOM.every((byte, index) => bytes[index] === byte) ? BOM.length : 0;

const signatures: readonly (readonly [readonly number[], string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'This is an Excel workbook. Save it as CSV (UTF-8) and upload that.'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'This is an Excel workbook. Save it as CSV (UTF-8) and upload that.'],
  [[0xff, 0xfe], 'The file is in UTF-16. Save it as CSV (UTF-8) and upload that.'],
  [[0xfe, 0xff], 'The file is in UTF-16. Save it as CSV (UTF-8) and upload that.'],
];

/** Why these bytes cannot begin a CSV file; undefined when they can. */
export const whyNoText = (bytes: Uint8Array): string | undefined => {
  const known = signatures.find(([signature]) => signature.every((byte, index) => bytes[index] === byte));
  if (known !== undefined) return known[1];
  const zeros = bytes.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0);
  return zeros * 10 > bytes.length ? 'The file is not text.' : undefined;
};

/** Cyrillic of Windows is next to never valid UTF-8; one broken character does not make a file another encoding. */
export const detectEncoding = (bytes: Uint8Array): Encoding => {
  const text = new TextDecoder('utf-8').decode(bytes);
  const broken = text.match(/\ufffd/g)?.length ?? 0;
  const sound = text.match(/[^\0-\x7f\ufffd]/g)?.length ?? 0;
  return broken > sound ? 'windows-1251' : 'utf-8';
};

const SAMPLE_ROWS = 20;
const candidates = [',', ';', '\t', '|'] as const;

/** How well a sign separates: as many cells in every row, and many of them. */
const fitness = (bytes: Uint8Array, delimiter: Delimiter): number => {
  const { rows } = parseStrictly(bytes, delimiter, true, SAMPLE_ROWS);
  const widths = rows.map(({ cells }) => cells.length);
  const [width = 1] = widths;
  const alike = widths.filter((each) => each === width).length / Math.max(1, widths.length);
  return width === 1 ? 0 : alike + width / 1_000;
};

export const detectDelimiter = (bytes: Uint8Array): Delimiter => {
  const scored = candidates.map((delimiter) => ({ delimiter, score: fitness(bytes, delimiter) }));
  return scored.reduce((best, each) => (each.score > best.score ? each : best)).delimiter;
};

/** What a spreadsheet program would calculate instead of show. https://owasp.org/www-community/attacks/CSV_Injection */
const SIGN = /^'*\s*[=+\-@＝＋－＠]/;
const FORMULA = /^'*(\s*[=+\-@＝＋－＠]|[\t\r\n])/;

/**
 * Where a program that separates cells by another sign than the file does begins the next one: by the semicolon, in most
 * countries of Europe and Asia. A client may be called `Ana;=1+1`.
 */
const NEXT = /(?<=[,;\r\n])/;

const byPiece = (text: string, change: (piece: string, danger: RegExp) => string): string =>
  text
    .split(NEXT)
    .map((piece, at) => change(piece, at === 0 ? FORMULA : SIGN))
    .join('');

/** A cell that no spreadsheet program takes for a formula, nor any part of it. */
export const guardCell = (text: string): string =>
  byPiece(text, (piece, danger) => (danger.test(piece) ? `'${piece}` : piece));

/** The text that was guarded. */
export const unguardCell = (cell: string): string =>
  byPiece(cell, (piece, danger) => (piece.startsWith("'") && danger.test(piece.slice(1)) ? piece.slice(1) : piece));

/** What programs that read a file trim, or take for the end of a row. */
const ODD = /[\r\n]|^\s|\s$/;

/** Rows as lines of a CSV file, each with its break. */
export const writeRows = (rows: readonly (readonly string[])[], delimiter: Delimiter): string =>
  stringify(
    rows.map((row) => row.map(guardCell)),
    { delimiter, record_delimiter: 'windows', quoted_match: ODD },
  );

/** Several values in one cell, which may hold the separator themselves. */
export const joinValues = (values: readonly string[], separator: string): string =>
  values.length === 0 ? '' : stringify([[...values]], { delimiter: separator, eof: false, quoted_match: ODD });

/** The values of a cell, separated or on lines of their own; undefined where quotes do not match. */
export const splitValues = (cell: string, separator: string): string[] | undefined => {
  try {
    const lines = parse(cell, {
      delimiter: separator,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
      max_record_size: 0,
      trim: true,
    });
    return lines.flat().filter((value) => value !== '');
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return undefined;
  }
};
