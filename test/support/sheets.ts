import { ClientSchema, type Client } from '../../lib/contract/clients.ts';
import { ExportSchema, getExport } from '../../lib/contract/exports.ts';
import {
  createImport,
  ImportRowSchema,
  ImportSchema,
  type Import,
  type ImportRow,
} from '../../lib/contract/imports.ts';
import { read } from './answers.ts';
import { eventually, type Api } from './client.ts';
import { readAll, type Tenant } from './tenant.ts';

const TAKES_MS = 25_000;

/** Posts a file to the bucket, as a browser would. */
export const postFile = async (
  form: { readonly url: string; readonly fields: Readonly<Record<string, string>> },
  content: string | Uint8Array,
): Promise<number> => {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append('file', new Blob([typeof content === 'string' ? content : Uint8Array.from(content)]), 'clients.csv');
  return (await fetch(form.url, { method: 'POST', body })).status;
};

/** An import whose file is uploaded; answers with its id. */
export const prepareImport = async (user: Api, content: string | Uint8Array): Promise<string> => {
  const { id, upload } = read(await user.post('/crm/imports', {}), 201, createImport.result);
  expect(await postFile(upload, content)).toBe(204);
  return id;
};

export const importOf = async (user: Api, id: string): Promise<Import> =>
  read(await user.get(`/crm/imports/${id}`), 200, ImportSchema);

/** The import once nobody works on it. */
export const ended = (user: Api, id: string): Promise<Import> =>
  eventually(async () => {
    const now = await importOf(user, id);
    expect(now.state).not.toBe('running');
    return now;
  }, TAKES_MS);

type Options = Readonly<Record<string, unknown>>;

/** Starts an import, and waits for its end. */
export const runImport = async (user: Api, id: string, options: Options = {}): Promise<Import> => {
  read(await user.post(`/crm/imports/${id}/start`, options), 202, ImportSchema);
  return ended(user, id);
};

/** Uploads and imports in one go. */
export const importSheet = async (user: Api, content: string | Uint8Array, options: Options = {}) => {
  const id = await prepareImport(user, content);
  return { id, end: await runImport(user, id, options) };
};

export const rowsOf = async (user: Api, id: string, query = ''): Promise<ImportRow[]> =>
  (await readAll(user, `/crm/imports/${id}/rows?limit=100${query}`, ImportRowSchema)).items;

/** What lies at a signed address. */
export const fetchText = async (url: string): Promise<{ text: string; headers: Headers }> => {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  // A response's own text() would drop the mark at its beginning.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer());
  return { text, headers: response.headers };
};

/** The CSV of an export, once it is written. */
export const exportSheet = async (user: Api, options: Options = {}): Promise<string> => {
  const { id } = read(await user.post('/crm/exports', options), 202, ExportSchema);
  const url = await eventually(async () => {
    const { state, file } = read(await user.get(`/crm/exports/${id}`), 200, getExport.result);
    expect(state).toBe('done');
    return file?.url ?? '';
  }, TAKES_MS);
  return (await fetchText(url)).text;
};

export const clientsOf = async (tenant: Tenant): Promise<Client[]> =>
  (await readAll(tenant.admin, '/crm/clients?limit=100', ClientSchema)).items;

export const clientOf = async (tenant: Tenant, id: string | null | undefined): Promise<Client> =>
  read(await tenant.admin.get(`/crm/clients/${id ?? ''}`), 200, ClientSchema);
