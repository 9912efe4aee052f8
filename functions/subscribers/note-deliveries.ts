import { noteDeliveries } from '../../lib/messaging/note-deliveries.ts';
import { subscribe } from '../../lib/runtime/subscriber.ts';
import { newId, systemAct } from '../../lib/runtime/worker.ts';

/** Notes which other systems are to be told of events. */
export const handler = subscribe((tenant, events) =>
  noteDeliveries(systemAct(tenant, 'note-deliveries', newId()), events),
);
