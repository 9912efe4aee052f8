import type { OutboundMedia } from '../provider.ts';

/** What the library takes for a file: an address that Telegram fetches, or bytes to hand over. */
type TelegramInput = string | { source: Buffer; filename: string };

const PHOTO_TYPES = new Set(['image/jpeg', 'image/png', 'image/webp']);
const MAX_PHOTO_BYTES = 5_000_000;

/** Telegram shows it as a picture; anything else, and larger pictures, are documents. https://core.telegram.org/bots/api#sending-files */
export const isPhoto = ({ contentType, size }: OutboundMedia): boolean =>
  PHOTO_TYPES.has(contentType) && size <= MAX_PHOTO_BYTES;

/** "In sendDocument, sending by URL will currently only work for GIF, PDF and ZIP files." Of up to 20 MB. */
const FETCHED_DOCUMENT_TYPES = new Set(['image/gif', 'application/pdf', 'application/zip']);
const MAX_FETCHED_BYTES = 20_000_000;

const isFetched = ({ contentType, size }: OutboundMedia): boolean =>
  FETCHED_DOCUMENT_TYPES.has(contentType) && size <= MAX_FETCHED_BYTES;

/** Our own copy of a file could not be read, so nothing was sent. */
export class FileUnavailableError extends Error {
  override readonly name = 'FileUnavailableError';
}

/** Our own bucket, from the same region. */
const READ_TIMEOUT_MS = 5_000;

const read = async (url: string): Promise<Buffer> => {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
    if (response.ok) return Buffer.from(await response.arrayBuffer());
    throw new Error(`status ${response.status}`);
  } catch (error) {
    throw new FileUnavailableError('a file to send could not be read', { cause: error });
  }
};

/** The library puts the name between quotation marks as it is. */
const headerName = (name: string): string => name.replaceAll('"', "'").replaceAll(/\p{Cc}/gu, '');

/** How to hand a document over. */
export const documentInput = async (file: OutboundMedia): Promise<TelegramInput> =>
  isFetched(file) ? file.url : { source: await read(file.url), filename: headerName(file.name) };
