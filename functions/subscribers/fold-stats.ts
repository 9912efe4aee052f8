import { foldEvents } from '../../lib/messaging/fold-stats.ts';
import { subscribe } from '../../lib/runtime/subscriber.ts';
import { newId } from '../../lib/runtime/worker.ts';

/** Counts what happens for the statistics. */
export const handler = subscribe((tenant, events) => foldEvents({ tenant, newId }, events));
