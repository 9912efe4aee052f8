import { forgetConnection } from '../../lib/messaging/sockets.ts';
import { socket } from '../../lib/runtime/socket.ts';

/** $disconnect: forgets who has gone. */
export const handler = socket('DISCONNECT', ({ connectionId }) => forgetConnection(connectionId));
