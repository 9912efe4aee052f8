import * as z from 'zod';
import { unanswered } from './network.ts';
import type { FetchedMedia } from './provider.ts';

/** Longer than an ordinary call may take: a file has megabytes. */
const PATIENCE = 2;

export const downloadDeadline = (timeoutMs: number): AbortSignal => AbortSignal.timeout(PATIENCE * timeoutMs);

/** A redirect to somewhere else. */
interface Redirect {
  readonly kind: 'redirect';
  readonly location: string;
}

const tooLarge = (maxBytes: number): FetchedMedia => ({
  kind: 'refused',
  code: 'attachment.too-large',
  detail: `A file of more than ${Math.floor(maxBytes / 1024 / 1024)} MB is not fetched.`,
});

const ChunkSchema = z.instanceof(Uint8Array);

/** The body, unless there is more of it than may be: whatever the other side announces, no more is read. */
const readBody = async ({ body, headers }: Response, maxBytes: number): Promise<Uint8Array | undefined> => {
  if (Number(headers.get('content-length') ?? 0) > maxBytes) {
    await body?.cancel();
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    const chunk = ChunkSchema.parse(piece);
    size += chunk.length;
    // Leaving the loop ends the connection.
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

interface Download {
  readonly headers?: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

const judge = async (response: Response, maxBytes: number): Promise<FetchedMedia | Redirect> => {
  const { status, headers } = response;
  if (status === 200) {
    const bytes = await readBody(response, maxBytes);
    return bytes === undefined ? tooLarge(maxBytes) : { kind: 'fetched', bytes };
  }
  await response.body?.cancel();
  const location = headers.get('location');
  if (status >= 300 && status < 400 && location !== null) return { kind: 'redirect', location };
  if (status === 404 || status === 410) {
    return { kind: 'refused', code: 'attachment.gone', detail: 'The provider does not have this file any more.' };
  }
  return { kind: 'unavailable', detail: `the provider answered ${status}` };
};

/** fetch hides what happened behind a cause. */
const HiddenSchema = z.object({ cause: z.custom<object>((cause) => typeof cause === 'object' && cause !== null) });

/** Fetches a file, following nothing. What failed is told by codes alone: an address may hold a secret. */
export const download = async (
  url: string,
  { headers, maxBytes, signal }: Download,
): Promise<FetchedMedia | Redirect> => {
  try {
    const response = await fetch(url, { redirect: 'manual', signal, ...(headers && { headers }) });
    return await judge(response, maxBytes);
  } catch (error) {
    const hidden = HiddenSchema.safeParse(error);
    return { kind: 'unavailable', detail: unanswered(hidden.success ? hidden.data.cause : error).detail };
  }
};
