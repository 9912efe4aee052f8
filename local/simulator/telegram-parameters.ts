import * as z from 'zod';
import { parseMultipart } from '../multipart.ts';
import { attachedBytes, fetchAttached } from './attached.ts';
import type { SimulatorRequest } from './http.ts';
import type { Attached } from './journal.ts';

const ParametersSchema = z.record(z.string(), z.unknown());
export type Parameters = z.infer<typeof ParametersSchema>;

/** What a request says, and the files that came with it by the names of their fields. */
export interface Said {
  readonly parameters: Parameters;
  readonly files: ReadonlyMap<string, Attached>;
}

const ATTACHED = 'attach://';

/** A field that holds a file itself is as good as one that names it. */
const saidInForm = (body: Buffer, type: string): Said => {
  const form = parseMultipart(body, type);
  const files = form.files.map(
    ({ field, name, contentType, bytes }) => [field, attachedBytes(name, contentType, bytes)] as const,
  );
  const references = files.map(([field]) => [field, `${ATTACHED}${field}`] as const);
  return { parameters: { ...form.fields, ...Object.fromEntries(references) }, files: new Map(files) };
};

/** JSON, a form, a form with files, or the query: all are allowed. Lists and objects in forms are JSON. */
export const readRequest = ({ headers, body, query }: SimulatorRequest): Said => {
  const type = headers['content-type'] ?? '';
  const inBody = (): Said => {
    if (type.startsWith('multipart/form-data')) return saidInForm(body, type);
    const parameters = type.startsWith('application/json')
      ? ParametersSchema.catch({}).parse(parseJson(body.toString()))
      : Object.fromEntries(new URLSearchParams(body.toString()));
    return { parameters, files: new Map() };
  };
  const { parameters, files } = inBody();
  return { parameters: { ...Object.fromEntries(query), ...parameters }, files };
};

/** The files that a message was to carry, handed over or fetched; undefined in the place of one that is not to be had. */
export const attachedTo = ({ media }: Sending, files: Said['files']): Promise<(Attached | undefined)[]> =>
  Promise.all(
    media.map(async (reference) =>
      reference.startsWith(ATTACHED) ? files.get(reference.slice(ATTACHED.length)) : fetchAttached(reference),
    ),
  );

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
export const listOf = (value: unknown): readonly unknown[] => {
  const list = typeof value === 'string' ? parseJson(value) : value;
  return Array.isArray(list) ? list : [];
};

const GroupItemSchema = z.object({
  type: z.string().catch('document'),
  media: z.unknown(),
  caption: z.unknown().optional(),
});

export interface Sending {
  readonly chatId: number;
  readonly text: string;
  /** Addresses, or `attach://` and the name of a field. */
  readonly media: readonly string[];
  readonly kinds: readonly ('photo' | 'document')[];
}

const kindOf = (name: string): 'photo' | 'document' => (name === 'photo' ? 'photo' : 'document');

/** Reads what a sending method was given. */
export const sendingOf = (method: string, parameters: Parameters): Sending => {
  const chatId = Number(text(parameters.chat_id) || Number.NaN);
  if (method === 'sendMessage') return { chatId, text: text(parameters.text), media: [], kinds: [] };
  if (method === 'sendMediaGroup') {
    const items = listOf(parameters.media).map((item) => GroupItemSchema.parse(item));
    const caption = text(items.find((item) => item.caption !== undefined)?.caption);
    return {
      chatId,
      text: caption,
      media: items.map((item) => text(item.media)),
      kinds: items.map(({ type }) => kindOf(type)),
    };
  }
  const kind = method === 'sendPhoto' ? 'photo' : 'document';
  return { chatId, text: text(parameters.caption), media: [text(parameters[kind])], kinds: [kind] };
};

const fileContent = (kind: 'photo' | 'document', { sha256, name, contentType, size }: Attached): object =>
  kind === 'photo'
    ? { photo: [{ file_id: sha256, file_unique_id: sha256, file_size: size, width: 1, height: 1 }] }
    : {
        document: { file_id: sha256, file_unique_id: sha256, file_name: name, mime_type: contentType, file_size: size },
      };

/** What each message in the answer carries besides who and when; the caption stands with the first. */
export const contentsOf = ({ text: words, kinds }: Sending, files: readonly Attached[]): readonly object[] => {
  if (kinds.length === 0) return [{ text: words }];
  return files.map((file, index) => ({
    ...fileContent(kinds[index] ?? 'document', file),
    ...(index === 0 && words !== '' ? { caption: words } : {}),
  }));
};
