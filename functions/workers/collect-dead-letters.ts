import { collect } from '../../lib/runtime/collector.ts';

/** Keeps what queues gave up, so that somebody sees it and can put it back. */
export const handler = collect();
