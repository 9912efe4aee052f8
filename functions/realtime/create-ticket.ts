import { createTicket } from '../../lib/contract/realtime.ts';
import { giveTicket } from '../../lib/messaging/tickets.ts';
import { serve } from '../../lib/runtime/serve.ts';

/** POST /crm/realtime/tickets: an address at which changes are pushed, for one connection. */
export const handler = serve(createTicket, async ({ act, caller: { userId, role, expiresAt } }) => ({
  status: 201,
  body: await giveTicket(act, { userId, role, tokenExpiresAt: expiresAt }),
}));
