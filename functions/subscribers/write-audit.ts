import { writeAuditOf } from '../../lib/messaging/audit.ts';
import { subscribe } from '../../lib/runtime/subscriber.ts';

/** Writes the audit log: an entry for every event. */
export const handler = subscribe(writeAuditOf);
