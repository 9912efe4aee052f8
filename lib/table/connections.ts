import { createHash } from 'node:crypto';
import * as z from 'zod';
import { TenantIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { ConnectionSchema, TicketRecordSchema, type Connection, type TicketRecord } from '../domain/realtime.ts';
import { get, queryAll } from './client.ts';
import { connectionRouteKey, dueShard } from './keys.ts';
import { connectionKey, connections, ticketKey, userKey } from './team-keys.ts';
import { check, commit, put, remove } from './transaction.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The table forgets by itself what nobody removed. */
const forgottenAfter = (instant: string): number => Math.floor(Date.parse(instant) / 1000) + 3600;

/** Keeps a ticket, by the hash of its secret. One transaction. */
export const insertTicket = (tenant: TenantId, secret: string, ticket: TicketRecord): Promise<void> =>
  commit(tenant, [
    put({ ...ticketKey(tenant, sha256(secret)), ...ticket, expiresAt: forgottenAfter(ticket.validUntil) }),
  ]);

/** What does the ticket with this secret say, used or not? One read; undefined where there is none. */
export const findTicket = async (tenant: TenantId, secret: string): Promise<TicketRecord | undefined> => {
  const { Item } = await get(tenant, { Key: ticketKey(tenant, sha256(secret)), ConsistentRead: true });
  return Item === undefined ? undefined : TicketRecordSchema.parse(Item);
};

/** Somebody else came in with the ticket first. */
export class TicketUsed extends Error {
  override name = 'TicketUsed';
}

/** The user was deactivated. */
export class UserInactive extends Error {
  override name = 'UserInactive';
}

const connectionItem = (tenant: TenantId, connection: Connection) => ({
  ...connectionKey(tenant, connection.connectionId),
  ...connection,
  gsi4pk: dueShard(sha256(connection.connectionId)),
  gsi4sk: `${connection.until}#${connection.connectionId}`,
  expiresAt: forgottenAfter(connection.until),
});

/**
 * Lets a connection in for a ticket, which is gone with it. One transaction.
 *
 * @throws TicketUsed, UserInactive
 */
export const insertConnection = (tenant: TenantId, secret: string, connection: Connection): Promise<void> =>
  commit(tenant, [
    remove(
      ticketKey(tenant, sha256(secret)),
      { expression: 'attribute_exists(pk)' },
      () => new TicketUsed('The ticket was used.'),
    ),
    check(
      userKey(tenant, connection.userId),
      { expression: 'attribute_not_exists(pk) OR active = :true', values: { ':true': true } },
      () => new UserInactive('The user is deactivated.'),
    ),
    put(connectionItem(tenant, connection)),
    put({ ...connectionRouteKey(connection.connectionId), tenant, expiresAt: forgottenAfter(connection.until) }),
  ]);

const RouteSchema = z.object({ tenant: TenantIdSchema });

/** Whose connection is this? One read. */
export const tenantOfConnection = async (connectionId: string): Promise<TenantId | undefined> => {
  const { Item } = await get(undefined, { Key: connectionRouteKey(connectionId), ConsistentRead: true });
  return Item === undefined ? undefined : RouteSchema.parse(Item).tenant;
};

/** Who is connected there? One read. */
export const findConnection = async (tenant: TenantId, connectionId: string): Promise<Connection | undefined> => {
  const { Item } = await get(tenant, { Key: connectionKey(tenant, connectionId), ConsistentRead: true });
  return Item === undefined ? undefined : ConnectionSchema.parse(Item);
};

/** Who is connected? One query, or more for thousands of connections. */
export const findConnections = async (tenant: TenantId): Promise<Connection[]> => {
  const items = await queryAll(tenant, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': connections(tenant) },
    ConsistentRead: true,
  });
  return items.map((item) => ConnectionSchema.parse(item));
};

/** Forgets a connection; again changes nothing. One transaction. */
export const removeConnection = (tenant: TenantId, connectionId: string): Promise<void> =>
  commit(tenant, [remove(connectionKey(tenant, connectionId)), remove(connectionRouteKey(connectionId))]);
