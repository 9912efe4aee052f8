import { dropConnection } from '../cloud/sockets.ts';
import { TenantIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { instant, secondsAfter, type Act } from '../domain/act.ts';
import { Failure } from '../domain/failure.ts';
import { CONNECTION_SECONDS, type Connection } from '../domain/realtime.ts';
import {
  findConnection,
  findTicket,
  insertConnection,
  removeConnection,
  tenantOfConnection,
  TicketUsed,
  UserInactive,
} from '../table/connections.ts';

const refusal = (): Failure => new Failure('token.invalid', 'A ticket that was not used yet is required.');

/** `<tenant>.<secret>`: whose ticket it is only says where to look. */
const parseTicket = (ticket: string | undefined): { tenant: TenantId; secret: string } => {
  const [name, secret, ...more] = (ticket ?? '').split('.');
  const tenant = TenantIdSchema.safeParse(name);
  if (!tenant.success || secret === undefined || !/^[\w-]{43}$/.test(secret) || more.length > 0) throw refusal();
  return { tenant: tenant.data, secret };
};

const earlier = (one: string, other: string): string => (one < other ? one : other);

/**
 * Lets in who comes with a ticket, once. One read and one transaction.
 *
 * @throws Failure `token.invalid`; `user.inactive` for a user who was deactivated
 */
export const openConnection = async (now: Date, connectionId: string, given: string | undefined): Promise<void> => {
  const { tenant, secret } = parseTicket(given);
  const ticket = await findTicket(tenant, secret);
  if (ticket === undefined || earlier(ticket.validUntil, ticket.tokenExpiresAt) <= instant(now)) throw refusal();
  const connection: Connection = {
    connectionId,
    userId: ticket.userId,
    role: ticket.role,
    connectedAt: instant(now),
    until: earlier(ticket.tokenExpiresAt, secondsAfter(now, CONNECTION_SECONDS)),
  };
  await insertConnection(tenant, secret, connection).catch((error: unknown) => {
    if (error instanceof TicketUsed) throw refusal();
    if (error instanceof UserInactive) throw new Failure('user.inactive', 'This user was deactivated.');
    throw error;
  });
};

/** Forgets a connection that is closed. One read and one transaction. */
export const forgetConnection = async (connectionId: string): Promise<void> => {
  const tenant = await tenantOfConnection(connectionId);
  if (tenant !== undefined) await removeConnection(tenant, connectionId);
};

/** Closes a connection, and forgets it. */
export const closeConnection = async (tenant: TenantId, connectionId: string): Promise<void> => {
  await dropConnection(connectionId);
  await removeConnection(tenant, connectionId);
};

/** Whether nothing more may be told on this connection. */
export const isOver = (now: Date, { until }: Connection): boolean => until <= instant(now);

/** Closes a connection whose token has expired. */
export const expireConnection = async (act: Act, connectionId: string): Promise<void> => {
  const connection = await findConnection(act.tenant, connectionId);
  if (connection !== undefined && isOver(act.now(), connection)) await closeConnection(act.tenant, connectionId);
};
