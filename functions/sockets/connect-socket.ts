import { openConnection } from '../../lib/messaging/sockets.ts';
import { socket } from '../../lib/runtime/socket.ts';
import { now } from '../../lib/runtime/worker.ts';

/** $connect: lets in who comes with a ticket that was not used yet. */
export const handler = socket('CONNECT', ({ connectionId, query }) =>
  openConnection(now(), connectionId, query.ticket),
);
