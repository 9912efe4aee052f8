import { MAX_SHEET_BYTES, readSheet, SheetGone } from '../cloud/sheets.ts';
import type { Delimiter, Encoding } from '../contract/csv-files.ts';
import { MAX_COLUMNS } from '../contract/imports.ts';
import type { ImportId, TenantId } from '../contract/vocabulary.ts';
import {
  bomLength,
  CHUNK_BYTES,
  decodeCells,
  detectDelimiter,
  detectEncoding,
  MAX_ROW_BYTES,
  readRows,
  unguardCell,
  Unreadable,
  whyNoText,
} from '../domain/csv.ts';
import { Failure } from '../domain/failure.ts';
import { isBlank } from '../domain/import-row.ts';
import type { ImportRecord } from '../domain/import.ts';
import type { FileRow } from './import-batch.ts';

/** A row, and where the next one begins in the file. */
interface PlacedRow extends FileRow {
  readonly end: number;
  readonly isBlank: boolean;
}

interface Place {
  readonly offset: number;
  readonly row: number;
}

/**
 * The rows of a file from a place on, as many as one part of it has: some thousands.
 *
 * @throws SheetGone, Unreadable
 */
export const readPlaced = async (tenant: TenantId, record: ImportRecord, place: Place): Promise<PlacedRow[]> => {
  const { file, options } = record;
  if (file === null || options === null) throw new SheetGone('The run has no file.');
  const { offset } = place;
  const bytes = await readSheet(tenant, record.id, file, { offset, length: CHUNK_BYTES });
  const rows = readRows(bytes, options.delimiter, offset + bytes.length >= file.size);
  if (rows.length === 0) throw new Unreadable('No row begins where one has to.');
  return rows.map(({ cells, end }, index) => ({
    row: place.row + index + 1,
    cells,
    end: offset + end,
    isBlank: cells !== null && isBlank(cells),
  }));
};

/** How a file is to be read, as far as the user has said. */
interface Wishes {
  readonly delimiter?: Delimiter | undefined;
  readonly encoding?: Encoding | undefined;
  readonly header: boolean;
}

/** The beginning of a file. */
export interface Opening {
  readonly delimiter: Delimiter;
  readonly encoding: Encoding;
  /** The names of the columns; null where the file has none. */
  readonly header: readonly string[] | null;
  /** Where the first row begins that is no header. */
  readonly firstRowAt: number;
  readonly rows: readonly (readonly string[])[];
}

const unreadable = (detail: string): Failure => new Failure('import.unreadable', detail);

const rowsOf = (bytes: Uint8Array, delimiter: Delimiter, isLast: boolean) => {
  try {
    return readRows(bytes, delimiter, isLast);
  } catch (error) {
    throw error instanceof Unreadable ? unreadable('A line of the file has no end: it is no CSV.') : error;
  }
};

/** Enough to see what is in the columns, and how many there are. */
const SAMPLE_ROWS = 1_000;

/** Reads how a file begins. @throws Failure `import.unreadable` */
export const openBytes = (bytes: Uint8Array, isLast: boolean, wishes: Wishes): Opening => {
  const reason = whyNoText(bytes);
  if (reason !== undefined) throw unreadable(reason);
  const start = bomLength(bytes);
  const text = bytes.subarray(start);
  const { delimiter = detectDelimiter(text), encoding = detectEncoding(text) } = wishes;
  const raw = rowsOf(text, delimiter, isLast);
  const decode = (cells: readonly string[] | null) =>
    cells === null ? undefined : decodeCells(cells.slice(0, MAX_COLUMNS), encoding);
  const sampled = (rows: typeof raw) => rows.slice(0, SAMPLE_ROWS).map(({ cells }) => decode(cells) ?? []);
  if (!wishes.header) {
    return { delimiter, encoding, header: null, firstRowAt: start, rows: sampled(raw) };
  }
  const [first, ...others] = raw;
  const header = first && decode(first.cells)?.map((name) => unguardCell(name).trim());
  if (first === undefined || header === undefined) throw unreadable(`The first row cannot be read as ${encoding}.`);
  // What a program left empty behind the last column is none.
  if (!isBlank(first.cells?.slice(MAX_COLUMNS) ?? [])) {
    throw unreadable(`The file has more than ${MAX_COLUMNS} columns. Leave out what is not needed.`);
  }
  return { delimiter, encoding, header, firstRowAt: start + first.end, rows: sampled(others) };
};

/** Enough to know the delimiter and the encoding, and more than a row. */
const OPENING_BYTES = 2 * MAX_ROW_BYTES;

/**
 * Reads how an uploaded file begins.
 *
 * @throws Failure `import.unreadable`, `import.no-file`
 */
export const openSheet = async (
  tenant: TenantId,
  id: ImportId,
  sheet: { readonly size: number; readonly etag: string },
  wishes: Wishes,
): Promise<Opening> => {
  if (sheet.size === 0) throw unreadable('The file is empty.');
  if (sheet.size > MAX_SHEET_BYTES) throw unreadable('The file has more than 50 MB. Divide it.');
  try {
    const bytes = await readSheet(tenant, id, sheet, { offset: 0, length: OPENING_BYTES });
    return openBytes(bytes, bytes.length >= sheet.size, wishes);
  } catch (error) {
    if (!(error instanceof SheetGone)) throw error;
    throw new Failure('import.no-file', 'The file was removed or replaced just now. Try again.');
  }
};
