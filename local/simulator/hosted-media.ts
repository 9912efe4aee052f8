import * as z from 'zod';
import type { HostedFile } from './journal.ts';
import { newSid, type State } from './state.ts';

/** A file to send as the customer: its bytes, an address to take them from, or just a kind. An address alone will do. */
export const MediaSchema = z.union([
  z.string().transform((url) => ({ url })),
  z.strictObject({
    contentType: z.string().min(1).optional(),
    url: z.string().optional(),
    base64: z.base64().optional(),
    name: z.string().min(1).optional(),
    size: z.int().min(0).max(100_000_000).optional(),
    failures: z.int().min(0).optional(),
  }),
]);
type MediaItem = z.output<typeof MediaSchema>;

const NOTHING = {
  contentType: undefined,
  base64: undefined,
  name: undefined,
  size: undefined,
  failures: undefined,
};

const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  pdf: 'application/pdf',
  mp4: 'video/mp4',
  ogg: 'audio/ogg',
  txt: 'text/plain',
};

const nameIn = (url: string): string => new URL(url, 'http://none').pathname.split('/').at(-1) ?? '';

/** The bytes at an address; a stand-in where there are none, since what is tested is the message. */
const take = async (url: string | undefined): Promise<Buffer> => {
  const standIn = Buffer.from('A file of the simulator.\n');
  if (url === undefined || !URL.canParse(url)) return standIn;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    return response.ok ? Buffer.from(await response.arrayBuffer()) : standIn;
  } catch {
    return standIn;
  }
};

/** Keeps a file, so that it can be fetched as from the provider. */
export const hostFile = async (state: State, item: MediaItem): Promise<HostedFile> => {
  const { contentType, base64, name, url, size, failures } = { ...NOTHING, ...item };
  const fileName = name ?? (nameIn(url ?? '') || 'file');
  const bytes = base64 === undefined ? await take(url) : Buffer.from(base64, 'base64');
  const file: HostedFile = {
    type: 'file',
    id: newSid('ME'),
    name: fileName,
    contentType: contentType ?? TYPES[fileName.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream',
    base64: bytes.toString('base64'),
    size: size ?? bytes.length,
    failures: failures ?? 0,
  };
  state.record(file);
  return file;
};

/** A file's bytes, or nothing while fetching it is to fail. */
export const serveFile = (state: State, { id, base64, size, failures }: HostedFile): Buffer | undefined => {
  if (state.countFetch(id) <= failures) return undefined;
  const content = Buffer.from(base64, 'base64');
  return Buffer.concat([content, Buffer.alloc(Math.max(0, size - content.length))]).subarray(0, size);
};
