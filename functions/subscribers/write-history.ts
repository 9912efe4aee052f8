import { writeHistoryOf } from '../../lib/messaging/history.ts';
import { subscribe } from '../../lib/runtime/subscriber.ts';

/** Keeps what was changed of a client in its history. */
export const handler = subscribe(writeHistoryOf);
