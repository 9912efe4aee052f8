import type * as z from 'zod';
import { UploadTicketSchema } from '../../lib/contract/uploads.ts';
import { read } from './answers.ts';
import type { Api } from './client.ts';

export type Ticket = z.infer<typeof UploadTicketSchema>;

interface LocalFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export const announce = async (api: Api, { name, contentType, bytes }: LocalFile): Promise<Ticket> =>
  read(await api.post('/crm/uploads', { name, contentType, size: bytes.length }), 201, UploadTicketSchema);

/** Posts a file as a browser would: the fields first, the file last. */
export const postFile = (
  { url, fields }: Ticket,
  bytes: Uint8Array,
  changes: Readonly<Record<string, string>> = {},
) => {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, ...changes })) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(bytes)]), 'file');
  return fetch(url, { method: 'POST', body: form });
};

/** Announces a file and uploads it. */
export const uploadFile = async (api: Api, file: LocalFile): Promise<Ticket> => {
  const ticket = await announce(api, file);
  const { status } = await postFile(ticket, file.bytes);
  if (status !== 204) throw new Error(`The upload was answered ${status}.`);
  return ticket;
};

/** Where a file is to be had; the answer has to be a redirect. */
export const locationOf = async (api: Api, uploadId: string): Promise<string> => {
  const answer = await api.get(`/crm/uploads/${uploadId}`);
  if (answer.status !== 302) throw new Error(`302 was expected, not ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.headers.get('location') ?? '';
};

/** A file as whoever follows the redirect gets it. */
export const openFile = async (api: Api, uploadId: string) => {
  const response = await fetch(await locationOf(api, uploadId));
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    disposition: response.headers.get('content-disposition'),
    bytes: Buffer.from(await response.arrayBuffer()),
  };
};
