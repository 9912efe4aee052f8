import { answerFrame } from '../../lib/runtime/frames.ts';
import { socket } from '../../lib/runtime/socket.ts';

/** $default: a client is alive, typing or looking. */
export const handler = socket('MESSAGE', answerFrame);
