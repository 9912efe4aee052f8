import * as z from 'zod';
import { ClientIdSchema, type ClientId } from '../contract/vocabulary.ts';
import type { EventType } from '../events/catalogue.ts';
import { itemOfImage } from '../table/image.ts';
import { homeOfKey } from '../table/keys.ts';

/** They tell nothing but ids, and are heard when the client is gone already. */
const IDS_ALONE: readonly EventType[] = ['ClientErasureRequested', 'ClientErased', 'ClientExported'];

/** Where in an entry stands what it is about: the bus puts an event into `detail`, a redrive an entry into `body`. */
const INSIDE: readonly string[] = ['detail', 'data', 'outbox', 'event', 'dispatch', 'redrive', 'body'];

const namedId = ClientIdSchema.optional().catch(undefined);
const NamingSchema = z.object({
  clientId: namedId,
  chatId: namedId,
  absorbedId: namedId,
  /** A member's subject is its chat. */
  subject: z
    .object({ type: z.enum(['client', 'chat', 'member']), id: ClientIdSchema })
    .optional()
    .catch(undefined),
});
/** A webhook as it came: what is in its body are a provider's words. */
const WebhookSchema = z.object({ kind: z.enum(['message', 'report']), path: z.string(), body: z.string() });
const TypedSchema = z.object({ type: z.enum(IDS_ALONE) });
const ObjectSchema = z.record(z.string(), z.unknown());
const RecordSchema = z.object({ dynamodb: z.object({ NewImage: z.unknown() }) });

const parsed = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
};

/** Our own address, to which a report of a message comes, names the chat; who wrote a message is not known yet. */
const chatOfReport = (path: string): ClientId[] => {
  const chat = ClientIdSchema.safeParse(new URLSearchParams(path.slice(path.indexOf('?') + 1)).get('chat'));
  return chat.success ? [chat.data] : [];
};

const clientsOf = (value: unknown): ClientId[] => {
  if (typeof value === 'string') return clientsOf(parsed(value));
  const object = ObjectSchema.safeParse(value);
  if (!object.success || TypedSchema.safeParse(value).success) return [];
  const webhook = WebhookSchema.safeParse(value);
  if (webhook.success) return chatOfReport(webhook.data.path);
  const { clientId, chatId, absorbedId, subject } = NamingSchema.parse(value);
  const named = [clientId, chatId, absorbedId, subject?.id].filter((id) => id !== undefined);
  return [...named, ...INSIDE.flatMap((name) => clientsOf(object.data[name]))];
};

const distinct = (ids: readonly ClientId[]): ClientId[] => [...new Set(ids)];

/** Which clients an entry of a queue is about, as far as it tells more of them than ids. */
export const clientsOfEntry = (body: string): ClientId[] => distinct(clientsOf(body));

const itemOf = (record: string): unknown => {
  try {
    return itemOfImage(RecordSchema.parse(parsed(record)).dynamodb.NewImage);
  } catch {
    return undefined;
  }
};

const OutboxSchema = z.object({ outbox: z.object({ event: TypedSchema }) });

/** The same of a record of the stream; of one that cannot be read, in whose collection it stood. */
export const clientsOfRecord = (pk: string, record: string): ClientId[] => {
  const item = itemOf(record);
  if (OutboxSchema.safeParse(item).success) return [];
  const home = ClientIdSchema.safeParse(homeOfKey(pk));
  return distinct([...clientsOf(item), ...(home.success ? [home.data] : [])]);
};
