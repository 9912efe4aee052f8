import { randomBytes } from 'node:crypto';
import { environment } from '../config/environment.ts';
import { secondsAfter, type Act } from '../domain/act.ts';
import { TICKET_SECONDS, type TicketRecord } from '../domain/realtime.ts';
import { insertTicket } from '../table/connections.ts';

/**
 * Gives an address at which one connection can be made, with what the token says. A browser cannot send a token when it
 * opens a WebSocket, and an address ends up in logs: so the ticket in it is worth nothing once it was used. One transaction.
 */
export const giveTicket = async (
  act: Act,
  grant: Omit<TicketRecord, 'validUntil'>,
): Promise<{ url: string; expiresAt: string }> => {
  const secret = randomBytes(32).toString('base64url');
  const inAMinute = secondsAfter(act.now(), TICKET_SECONDS);
  const validUntil = inAMinute < grant.tokenExpiresAt ? inAMinute : grant.tokenExpiresAt;
  await insertTicket(act.tenant, secret, { ...grant, validUntil });
  const url = new URL(environment().REALTIME_URL);
  url.searchParams.set('ticket', `${act.tenant}.${secret}`);
  return { url: url.href, expiresAt: validUntil };
};
