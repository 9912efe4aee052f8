import { keepDeadRecord } from '../../lib/messaging/dead-record.ts';
import { publish } from '../../lib/messaging/publish.ts';
import { followStream } from '../../lib/runtime/stream.ts';

/** Hands on what the table's outbox holds: events to the bus, messages to their provider's queue. */
export const handler = followStream(publish, keepDeadRecord);
