import { strFromU8, unzipSync } from 'fflate';
import * as z from 'zod';
import { ClientSchema } from '../../lib/contract/clients.ts';
import { InteractionSchema } from '../../lib/contract/interactions.ts';
import { MessageSchema } from '../../lib/contract/messages.ts';
import { NoteSchema } from '../../lib/contract/notes.ts';
import { AuditEntrySchema } from '../../lib/contract/audit.ts';
import { ClientExportSchema, ErasureSchema, type ClientExport, type Erasure } from '../../lib/contract/privacy.ts';
import { read } from './answers.ts';
import { eventually, type Api } from './client.ts';

/** The document of an export. */
const DocumentSchema = z.object({
  exportedAt: z.string(),
  exportedBy: z.string(),
  client: ClientSchema,
  absorbedClients: z.array(ClientSchema),
  chats: z.array(z.object({ id: z.string() })),
  members: z.array(z.object({ id: z.string() })),
  messages: z.array(MessageSchema),
  notes: z.array(NoteSchema),
  privateNotes: z.array(NoteSchema),
  interactions: z.array(InteractionSchema),
  audit: z.array(AuditEntrySchema),
});

const download = async (url: string): Promise<Uint8Array> => {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`The file was not there: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
};

/** What is in a ZIP file, by name. */
export const filesIn = async (url: string | null): Promise<Map<string, Uint8Array>> =>
  new Map(Object.entries(unzipSync(await download(url ?? ''))));

export const documentIn = (files: ReadonlyMap<string, Uint8Array>) =>
  DocumentSchema.parse(JSON.parse(strFromU8(files.get('client.json') ?? new Uint8Array())));

/** The export as soon as it is ready. */
export const exported = (user: Api, clientId: string, query = ''): Promise<ClientExport> =>
  eventually(async () => read(await user.get(`/crm/clients/${clientId}/export${query}`), 200, ClientExportSchema));

/** The quiet time, the due job that ends it, and the removal; some more where many things happen at once. */
const LONG_MS = 60_000;

/** The receipt as soon as the erasure is done. */
export const erased = (user: Api, { id }: Erasure): Promise<Erasure> =>
  eventually(async () => {
    const receipt = read(await user.get(`/crm/erasures/${id}`), 200, ErasureSchema);
    expect(receipt.state).toBe('done');
    return receipt;
  }, LONG_MS);

export const askToErase = async (user: Api, clientId: string): Promise<Erasure> =>
  read(await user.post(`/crm/clients/${clientId}/erase`), 202, ErasureSchema);
