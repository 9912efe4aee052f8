import * as z from 'zod';
import type { SimulatorRequest } from './http.ts';
import { parseMultipart } from './multipart.ts';

const ParametersSchema = z.record(z.string(), z.unknown());
export type Parameters = z.infer<typeof ParametersSchema>;

/** JSON, a form, a form with files, or the query: all are allowed. Lists and objects in forms are JSON. */
export const parametersOf = ({ headers, body, query }: SimulatorRequest): Parameters => {
  const type = headers['content-type'] ?? '';
  const fields = (): Parameters => {
    if (type.startsWith('application/json')) return ParametersSchema.catch({}).parse(parseJson(body.toString()));
    if (type.startsWith('multipart/form-data')) return parseMultipart(body, type);
    return Object.fromEntries(new URLSearchParams(body.toString()));
  };
  return { ...Object.fromEntries(query), ...fields() };
};

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
  readonly media: readonly string[];
  /** What the message in the answer carries besides who and when. */
  readonly contents: readonly object[];
}

const fileContent = (kind: string, name: string) =>
  kind === 'photo'
    ? { photo: [{ file_id: name, file_unique_id: name, width: 1, height: 1 }] }
    : { document: { file_id: name, file_unique_id: name, file_name: name.split('/').at(-1) } };

/** Reads what a sending method was given. */
export const sendingOf = (method: string, parameters: Parameters): Sending => {
  const chatId = Number(text(parameters.chat_id) || Number.NaN);
  if (method === 'sendMessage') {
    return { chatId, text: text(parameters.text), media: [], contents: [{ text: text(parameters.text) }] };
  }
  if (method === 'sendMediaGroup') {
    const items = listOf(parameters.media).map((item) => GroupItemSchema.parse(item));
    const caption = text(items.find((item) => item.caption !== undefined)?.caption);
    const media = items.map((item) => text(item.media));
    return { chatId, text: caption, media, contents: items.map((item) => fileContent(item.type, text(item.media))) };
  }
  const kind = method === 'sendPhoto' ? 'photo' : 'document';
  const caption = text(parameters.caption);
  const file = text(parameters[kind]);
  return {
    chatId,
    text: caption,
    media: [file],
    contents: [{ ...fileContent(kind, file), ...(caption ? { caption } : {}) }],
  };
};
