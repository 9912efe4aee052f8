import { collect } from '../../lib/runtime/collector.ts';
import { failDispatch } from '../../lib/runtime/sender.ts';

/** Fails, visibly, the messages that the outbound queues gave up on, and keeps what stood there. */
export const handler = collect(failDispatch);
