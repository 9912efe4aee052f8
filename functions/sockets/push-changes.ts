import { pushEvents } from '../../lib/messaging/push.ts';
import { subscribe } from '../../lib/runtime/subscriber.ts';
import { newId, systemAct } from '../../lib/runtime/worker.ts';

/** Tells those who are connected what changed of chats and messages; cuts off users who were deactivated. */
export const handler = subscribe((tenant, events) => pushEvents(systemAct(tenant, 'push-changes', newId()), events));
