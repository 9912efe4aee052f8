import { ClientRecordSchema, type ClientRecord } from '../domain/client.ts';
import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import { mergedInto, notFound, type Failure } from '../domain/failure.ts';
import { get } from './client.ts';
import { clientKey } from './keys.ts';

/** Why a client is not there to be worked with: merged into another one, deleted, or never there. */
export const absenceOf = (client: Pick<ClientRecord, 'id' | 'state' | 'survivorId'> | undefined): Failure =>
  client?.state === 'absorbed' && client.survivorId !== null ? mergedInto(client.id, client.survivorId) : notFound();

/** Into which client was the one with this chat merged? One read. */
export const survivorOf = async (tenant: TenantId, id: ClientId): Promise<Failure> => {
  const { Item } = await get(tenant, { Key: clientKey(tenant, id), ConsistentRead: true });
  return absenceOf(Item === undefined ? undefined : ClientRecordSchema.parse(Item));
};
