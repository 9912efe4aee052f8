import { assignChats } from '../../lib/messaging/assign.ts';
import { subscribe } from '../../lib/runtime/subscriber.ts';
import { newId, systemAct } from '../../lib/runtime/worker.ts';

/** Gives chats that nobody has to users, and counts how many each has. */
export const handler = subscribe((tenant, events) => assignChats(systemAct(tenant, 'assign-chats', newId()), events));
