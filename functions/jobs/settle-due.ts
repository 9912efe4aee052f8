import { settle } from '../../lib/messaging/settle.ts';
import { everyDue } from '../../lib/runtime/due.ts';

/** Each minute: finds what should have happened by now and did not, sees to it, and tells how the system is. */
export const handler = everyDue(settle);
