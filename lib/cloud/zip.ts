import { constants, crc32, deflateRawSync } from 'node:zlib';
import * as z from 'zod';

/**
 * Writes a ZIP file in slices: whoever goes on where another stopped needs nothing but the state that is left behind.
 * An entry may go over several slices; its sizes stand behind it and in the directory at the file's end.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
const OpenEntrySchema = z.object({
  name: z.string(),
  /** Where in the file it begins. */
  offset: z.number(),
  crc: z.number(),
  size: z.number(),
  packed: z.number(),
  isDeflated: z.boolean(),
});
type OpenEntry = z.infer<typeof OpenEntrySchema>;

export const ZipStateSchema = z.object({
  /** How long the file is by now. */
  length: z.number(),
  entries: z.number(),
  directoryLength: z.number(),
  open: OpenEntrySchema.nullable(),
});
export type ZipState = z.infer<typeof ZipStateSchema>;

export const emptyZip: ZipState = { length: 0, entries: 0, directoryLength: 0, open: null };

const VERSION = 20;
const VERSION_64 = 45;
/** Sizes stand behind the entry; names are UTF-8. */
const FLAGS = 0x0808;
const DEFLATED = 8;
const STORED = 0;
const MOST_32 = 0xffffffff;
const MOST_16 = 0xffff;

/** An empty last block. */
const DEFLATE_END = Buffer.from([0x03, 0x00]);

/** Numbers with the bytes that each takes, little-endian. */
const bytesOf = (...fields: readonly (readonly [width: 2 | 4 | 8, value: number])[]): Buffer => {
  const buffer = Buffer.alloc(fields.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 8) buffer.writeBigUInt64LE(BigInt(value), at);
    else buffer.writeUIntLE(value, at, width);
    at += width;
  }
  return buffer;
};

const dosTime = (date: Date): number =>
  (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
const dosDate = (date: Date): number =>
  ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();

const methodOf = ({ isDeflated }: OpenEntry): number => (isDeflated ? DEFLATED : STORED);

const directoryRecord = (entry: OpenEntry, at: Date): Buffer => {
  const name = Buffer.from(entry.name);
  const places = [entry.size, entry.packed, entry.offset];
  const large = places.filter((value) => value >= MOST_32);
  const extra =
    large.length === 0
      ? Buffer.alloc(0)
      : Buffer.concat([bytesOf([2, 1], [2, 8 * large.length]), ...large.map((value) => bytesOf([8, value]))]);
  const fit = (value: number): number => Math.min(value, MOST_32);
  return Buffer.concat([
    bytesOf([4, 0x02014b50], [2, VERSION_64], [2, large.length > 0 ? VERSION_64 : VERSION], [2, FLAGS]),
    bytesOf([2, methodOf(entry)], [2, dosTime(at)], [2, dosDate(at)]),
    bytesOf([4, entry.crc], [4, fit(entry.packed)], [4, fit(entry.size)], [2, name.length], [2, extra.length]),
    bytesOf([2, 0], [2, 0], [2, 0], [4, 0], [4, fit(entry.offset)]),
    name,
    extra,
  ]);
};

/** The end of a file whose directory begins at `offset`. */
const endRecord = (entries: number, length: number, offset: number): Buffer => {
  const end = bytesOf(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, Math.min(entries, MOST_16)],
    [2, Math.min(entries, MOST_16)],
    [4, Math.min(length, MOST_32)],
    [4, Math.min(offset, MOST_32)],
    [2, 0],
  );
  if (entries < MOST_16 && length < MOST_32 && offset < MOST_32) return end;
  const end64 = bytesOf(
    [4, 0x06064b50],
    [8, 44],
    [2, VERSION_64],
    [2, VERSION_64],
    [4, 0],
    [4, 0],
    [8, entries],
    [8, entries],
    [8, length],
    [8, offset],
  );
  return Buffer.concat([end64, bytesOf([4, 0x07064b50], [4, 0], [8, offset + length], [4, 1]), end]);
};

/** One slice of a ZIP file. */
export class ZipSlice {
  readonly #chunks: Buffer[] = [];
  readonly #directory: Buffer[] = [];
  readonly #at: Date;
  readonly #begins: number;
  #state: ZipState;

  /** @param at when the entries were made, as far as readers are told */
  constructor(state: ZipState, at: Date) {
    this.#state = state;
    this.#begins = state.length;
    this.#at = at;
  }

  get state(): ZipState {
    return this.#state;
  }

  /** How many bytes this slice has. */
  get length(): number {
    return this.#state.length - this.#begins;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** What this slice adds to the directory. */
  get directory(): Buffer {
    return Buffer.concat(this.#directory);
  }

  /** Begins an entry. What is packed already had better not be deflated. */
  begin(name: string, isDeflated: boolean): void {
    const entry = { name, offset: this.#state.length, crc: 0, size: 0, packed: 0, isDeflated };
    const bytes = Buffer.from(name);
    this.#push(
      Buffer.concat([
        bytesOf([4, 0x04034b50], [2, VERSION], [2, FLAGS], [2, methodOf(entry)]),
        bytesOf([2, dosTime(this.#at)], [2, dosDate(this.#at)], [4, 0], [4, 0], [4, 0], [2, bytes.length], [2, 0]),
        bytes,
      ]),
    );
    this.#state = { ...this.#state, open: entry };
  }

  write(content: Uint8Array): void {
    const { open } = this.#state;
    if (open === null) throw new Error('No entry was begun.');
    if (content.length === 0) return;
    // Each piece ends on a whole byte and looks back at nothing before it, so that the next one can be made elsewhere.
    const packed = open.isDeflated
      ? deflateRawSync(content, { finishFlush: constants.Z_FULL_FLUSH })
      : Buffer.from(content);
    this.#push(packed);
    this.#state = {
      ...this.#state,
      open: {
        ...open,
        crc: crc32(content, open.crc),
        size: open.size + content.length,
        packed: open.packed + packed.length,
      },
    };
  }

  end(): void {
    const { open } = this.#state;
    if (open === null) throw new Error('No entry was begun.');
    if (open.isDeflated) this.#push(DEFLATE_END);
    const entry = open.isDeflated ? { ...open, packed: open.packed + DEFLATE_END.length } : open;
    this.#push(bytesOf([4, 0x08074b50], [4, entry.crc], [4, entry.packed % 2 ** 32], [4, entry.size % 2 ** 32]));
    const record = directoryRecord(entry, this.#at);
    this.#directory.push(record);
    const { entries, directoryLength } = this.#state;
    this.#state = {
      ...this.#state,
      entries: entries + 1,
      directoryLength: directoryLength + record.length,
      open: null,
    };
  }

  /** Ends the file. @param earlier what earlier slices added to the directory, in their order */
  finish(earlier: readonly Uint8Array[]): void {
    const { entries, directoryLength, length } = this.#state;
    const directory = Buffer.concat([...earlier, this.directory]);
    if (directory.length !== directoryLength) throw new Error('A part of the directory is missing.');
    this.#push(directory);
    this.#push(endRecord(entries, directoryLength, length));
  }

  #push(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#state = { ...this.#state, length: this.#state.length + bytes.length };
  }
}
