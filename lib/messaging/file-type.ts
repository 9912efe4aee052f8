import { FILE_TYPES } from '../contract/files.ts';
import { mediaTypeOf } from '../domain/upload.ts';

/** What file-type calls by names of its own. https://github.com/sindresorhus/file-type#supported-file-types */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'audio/x-m4a': 'audio/mp4',
  'video/x-m4v': 'video/mp4',
  'image/apng': 'image/png',
  'image/heic-sequence': 'image/heic',
  'image/heif-sequence': 'image/heif',
  'application/ogg': 'audio/ogg',
  'video/MP1S': 'video/mpeg',
  'video/MP2P': 'video/mpeg',
};

/** Containers that hold the one as well as the other, so that the bytes alone do not tell which. */
const CONTAINERS: Readonly<Record<string, readonly string[]>> = {
  'video/mp4': ['audio/mp4'],
  'audio/mp4': ['video/mp4'],
  'video/webm': ['audio/webm'],
  'video/3gpp': ['audio/3gpp'],
  'video/quicktime': ['video/mp4'],
  'video/ogg': ['audio/ogg'],
  'audio/ogg': ['video/ogg'],
  'image/heif': ['image/heic'],
  'image/heic': ['image/heif'],
};

/** The old Office formats share a container, also with installers and mails; the stream inside tells them apart. */
const COMPOUND = 'application/x-cfb';
const COMPOUND_STREAMS: readonly (readonly [string, string])[] = [
  ['WordDocument', 'application/msword'],
  ['Workbook', 'application/vnd.ms-excel'],
  ['PowerPoint Document', 'application/vnd.ms-powerpoint'],
];

/** Formats that may be written in letters alone. */
const WRITTEN_IN_LETTERS = ['application/pdf', 'application/rtf', 'application/postscript', 'application/eps'];

const UNKNOWN = 'application/octet-stream';

const compoundType = (bytes: Buffer): string =>
  COMPOUND_STREAMS.find(([stream]) => bytes.includes(Buffer.from(stream, 'utf16le')))?.[1] ?? COMPOUND;

/** Text in UTF-16 begins like a piece of sound. */
const isUtf16 = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);

/** What the bytes are; undefined for what has no mark to know it by, such as plain text. */
const detect = async (bytes: Uint8Array): Promise<string | undefined> => {
  if (isUtf16(bytes)) return undefined;
  // Loaded on first use: few requests look at bytes.
  const { fileTypeFromBuffer } = await import('file-type');
  // It throws at some broken files, of which nobody can say what they are.
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.mime === COMPOUND) return compoundType(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return OTHER_NAMES[found.mime] ?? mediaTypeOf(found.mime);
};

/** Signs that no text has. https://mimesniff.spec.whatwg.org/#binary-data-byte */
const isBinary = (byte: number): boolean =>
  byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f);
/** What a browser would take for a page, a picture or a script. https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type */
const ACTIVE = /^\s*<(!doctype|!--|\?xml|[a-z]+[\s/>])|<(html|head|body|script|iframe|svg|object|embed)[\s/>]/i;
const LOOKED_AT = 4_096;

/** Text in UTF-8 that nothing would run. */
const isHarmlessText = (bytes: Uint8Array): boolean => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return !ACTIVE.test(text.slice(0, LOOKED_AT)) && !bytes.some(isBinary);
  } catch {
    return false;
  }
};

const isText = (contentType: string): boolean => contentType.startsWith('text/');

/** Plain text and tables look alike; cards and calendars begin with a mark of their own. */
const isTextAs = (announced: string, detected: string | undefined, bytes: Uint8Array): boolean => {
  if (announced !== 'text/plain' && announced !== 'text/csv' && detected !== announced) return false;
  return !WRITTEN_IN_LETTERS.includes(detected ?? '') && isHarmlessText(bytes);
};

/** Of a type that was announced: what else the bytes are; undefined when they are that. */
export const mismatchOf = async (bytes: Uint8Array, announced: string): Promise<string | undefined> => {
  const detected = await detect(bytes);
  if (isText(announced)) {
    if (isTextAs(announced, detected, bytes)) return undefined;
    return isHarmlessText(bytes) ? (detected ?? 'text/plain') : 'no harmless text in UTF-8';
  }
  if (detected === announced || CONTAINERS[detected ?? '']?.includes(announced) === true) return undefined;
  return detected ?? 'something else';
};

/** Of a file that nobody announced: what its bytes are. What its sender says counts among what the bytes may be. */
export const identify = async (bytes: Uint8Array, claimed: string): Promise<string> => {
  const said = mediaTypeOf(claimed);
  if (FILE_TYPES.includes(said) && (await mismatchOf(bytes, said)) === undefined) return said;
  return (await detect(bytes)) ?? (isHarmlessText(bytes) ? 'text/plain' : UNKNOWN);
};
