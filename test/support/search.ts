import { ClientSchema } from '../../lib/contract/clients.ts';
import { MessageSchema } from '../../lib/contract/messages.ts';
import { eventually, type Api } from './client.ts';
import { readAll } from './tenant.ts';

const LIMIT = 100;

/** The ids of the clients that a search finds, page after page, in its order. */
export const clientsFound = async (reader: Api, q: string, limit = LIMIT): Promise<string[]> => {
  const path = `/crm/clients/search?q=${encodeURIComponent(q)}&limit=${limit}`;
  return (await readAll(reader, path, ClientSchema)).items.map(({ id }) => id);
};

/** The ids of the messages that a search finds, page after page, in its order. */
export const messagesFound = async (
  reader: Api,
  q: string,
  filter: Readonly<Record<string, string>> = {},
  limit = LIMIT,
): Promise<string[]> => {
  const search = new URLSearchParams({ q, ...filter, limit: String(limit) }).toString();
  return (await readAll(reader, `/crm/messages/search?${search}`, MessageSchema)).items.map(({ id }) => id);
};

/** Waits until a search finds exactly these, in this order. */
export const untilFound = async (search: () => Promise<string[]>, ids: readonly string[]): Promise<void> => {
  await eventually(async () => expect(await search()).toEqual(ids));
};
