import { createHash } from 'node:crypto';
import type { Attached } from './journal.ts';

const PATIENCE_MS = 5_000;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The name that an answer gives, in whatever script (RFC 6266), or else the last part of its address. */
const nameOf = (url: string, disposition: string): string => {
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  if (extended !== undefined) return decodeURIComponent(extended);
  const plain = /filename="?((?:\\.|[^";])+)"?/i.exec(disposition)?.[1]?.replaceAll(/\\(.)/g, '$1');
  return plain ?? new URL(url).pathname.split('/').at(-1) ?? '';
};

/** What a provider finds at an address; undefined when there is nothing to be had. */
export const fetchAttached = async (url: string): Promise<Attached | undefined> => {
  if (!URL.canParse(url)) return undefined;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!response.ok) return undefined;
    const bytes = new Uint8Array(await response.arrayBuffer());
    return {
      url,
      name: nameOf(url, response.headers.get('content-disposition') ?? ''),
      contentType: response.headers.get('content-type') ?? '',
      size: bytes.length,
      sha256: sha256(bytes),
    };
  } catch {
    return undefined;
  }
};

/** A file whose bytes were handed over. */
export const attachedBytes = (name: string, contentType: string, bytes: Uint8Array): Attached => ({
  name,
  contentType,
  size: bytes.length,
  sha256: sha256(bytes),
});
