import * as z from 'zod';
import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import { query, queryAll } from './client.ts';
import { CHAT, CLIENT, clientCollection, type Key } from './keys.ts';
import { remove, unchanged, type Step } from './transaction.ts';

const StoredSchema = z.looseObject({ pk: z.string(), sk: z.string(), revision: z.number().optional() });
/** An item as it is stored. */
export type Stored = z.infer<typeof StoredSchema>;

/** What stands in a client's collection but its heads, in order of its keys? One query, a page of items. */
export const listCollection = async (tenant: TenantId, clientId: ClientId, limit: number): Promise<Stored[]> => {
  const { Items = [] } = await query(tenant, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': clientCollection(tenant, clientId) },
    ConsistentRead: true,
    // The two heads come first.
    Limit: limit + 2,
  });
  return Items.map((item) => StoredSchema.parse(item)).filter(({ sk }) => sk !== CLIENT && sk !== CHAT);
};

/** What stands under a prefix, after a key, between two others. */
interface Stretch {
  readonly prefix: string;
  readonly after: string | null;
  readonly from?: string;
  readonly to?: string;
}

/** What stands in a client's collection under this prefix, oldest first, after one of its keys? One query, a page of items. */
export const listUnder = async (
  tenant: TenantId,
  clientId: ClientId,
  { prefix, after, from = prefix, to = `${prefix}\uffff` }: Stretch,
  limit: number,
): Promise<Stored[]> => {
  const { Items = [] } = await query(tenant, {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':pk': clientCollection(tenant, clientId),
      // A space sorts before every character of a key, so that what stands at `after` itself is not found again.
      ':from': after === null ? from : `${after} `,
      ':to': to,
    },
    Limit: limit,
    ConsistentRead: true,
  });
  return Items.map((item) => StoredSchema.parse(item));
};

/** Which keys has a partition that is small by its nature? One query. */
export const keysOf = async (tenant: TenantId, pk: string): Promise<Key[]> => {
  const items = await queryAll(tenant, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': pk },
    ProjectionExpression: 'pk, sk',
    ConsistentRead: true,
  });
  return items.map((item) => StoredSchema.parse(item)).map(({ sk }) => ({ pk, sk }));
};

/** Removes an item as it was read: one that changed since may lead to more. */
export const removeStored = ({ pk, sk, revision }: Stored): Step =>
  remove({ pk, sk }, revision === undefined ? undefined : unchanged(revision));
