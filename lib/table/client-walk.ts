import * as z from 'zod';
import { ClientIdSchema, type ClientId, type TenantId } from '../contract/vocabulary.ts';
import { ChatRecordSchema, type ChatRecord } from '../domain/chat.ts';
import { ClientRecordSchema, type ClientRecord } from '../domain/client.ts';
import { getTogether, query } from './client.ts';
import { chatKey, clientsByAge, deletedClients } from './keys.ts';

interface Leg<Item> {
  readonly items: readonly Item[];
  /** The place of the last one; `null`: nothing comes after it. */
  readonly next: string | null;
}

const PlaceSchema = z.object({ gsi1sk: z.string() });

const walk = async <Schema extends z.ZodType>(
  tenant: TenantId,
  schema: Schema,
  after: string | null,
  limit: number,
  attributes?: string,
  partition = clientsByAge(tenant),
): Promise<Leg<z.output<Schema>>> => {
  const { Items = [], LastEvaluatedKey } = await query(tenant, {
    IndexName: 'gsi1',
    KeyConditionExpression: `gsi1pk = :pk${after === null ? '' : ' AND gsi1sk > :after'}`,
    ExpressionAttributeValues: { ':pk': partition, ...(after !== null && { ':after': after }) },
    Limit: limit,
    ...(attributes !== undefined && { ProjectionExpression: attributes }),
  });
  return {
    items: Items.map((item) => schema.parse(item)),
    next: LastEvaluatedKey === undefined ? null : PlaceSchema.parse(LastEvaluatedKey).gsi1sk,
  };
};

const IdSchema = z.object({ id: ClientIdSchema }).transform(({ id }) => id);

/** Which clients come after this place, oldest first? One query. */
export const idsByAge = (tenant: TenantId, after: string | null, limit: number): Promise<Leg<ClientId>> =>
  walk(tenant, IdSchema, after, limit, 'id');

/** Who comes after this place, oldest first? One query. */
export const recordsByAge = (tenant: TenantId, after: string | null, limit: number): Promise<Leg<ClientRecord>> =>
  walk(tenant, ClientRecordSchema, after, limit);

/** A client as it is stored, which may be none that can be read, and its place. */
const StoredClientSchema = z.looseObject(PlaceSchema.shape);
export type StoredClient = z.infer<typeof StoredClientSchema>;

/** Who comes after this place, oldest first, of those that are there, or that were deleted and can come back? One query. */
export const storedByAge = (
  tenant: TenantId,
  list: 'clients' | 'deleted',
  after: string | null,
  limit: number,
): Promise<Leg<StoredClient>> => {
  const partition = list === 'clients' ? clientsByAge(tenant) : deletedClients(tenant);
  return walk(tenant, StoredClientSchema, after, limit, undefined, partition);
};

/** How do the chats of these clients stand? One read of at most 100. */
export const findChats = async (
  tenant: TenantId,
  ids: readonly ClientId[],
): Promise<(id: ClientId) => ChatRecord | undefined> => {
  if (ids.length === 0) return () => undefined;
  const items = await getTogether(
    tenant,
    ids.map((id) => chatKey(tenant, id)),
  );
  const chats = new Map(items.map((item) => ChatRecordSchema.parse(item)).map((chat) => [chat.id, chat]));
  return (id) => chats.get(id);
};
