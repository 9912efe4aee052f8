import { beginFile, completeFile, LEAST_PART_BYTES, writePart } from '../cloud/long-files.ts';

/** What of a CSV file is written. */
interface Parts {
  readonly uploadId: string | null;
  readonly etags: readonly string[];
}

interface Piece<Place> {
  readonly text: string;
  /** Where the next piece begins; undefined at the end. */
  readonly next: Place | undefined;
}

interface SheetFile {
  readonly key: string;
  /** The name under which it is saved, of plain letters. */
  readonly name: string;
  /** The row of names at its beginning. */
  readonly header: string;
}

/** Spreadsheet programs take a file without it for one in the encoding of their country. */
const BOM = '\ufeff';

/**
 * Writes the next part of a CSV file, of some megabytes, from a place in its source on; completes the file after the last.
 *
 * @param read gives a piece of the text from a place on
 * @throws FileGone when the file was completed or given up: it has to be begun anew
 */
export const writeSheetPart = async <Place>(
  { key, name, header }: SheetFile,
  { uploadId, etags }: Parts,
  from: Place,
  read: (place: Place) => Promise<Piece<Place>>,
): Promise<{ readonly uploadId: string; readonly etags: string[]; readonly next: Place | undefined }> => {
  const disposition = `attachment; filename="${name}"`;
  const file =
    uploadId === null
      ? await beginFile(key, { contentType: 'text/csv; charset=utf-8', disposition })
      : { key, uploadId };
  const texts = etags.length === 0 ? [BOM, header] : [];
  let size = 0;
  let next: Place | undefined = from;
  while (next !== undefined && size < LEAST_PART_BYTES) {
    const piece = await read(next);
    texts.push(piece.text);
    size += Buffer.byteLength(piece.text);
    next = piece.next;
  }
  const written = [...etags, await writePart(file, etags.length + 1, Buffer.from(texts.join('')))];
  if (next === undefined) await completeFile(file, written);
  return { uploadId: file.uploadId, etags: written, next };
};
