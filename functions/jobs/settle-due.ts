import { settle } from '../../lib/messaging/settle.ts';
import { everyDue } from '../../lib/runtime/due.ts';

/** Each minute: finds what should have happened by now and did not, and sees to it. */
export const handler = everyDue(settle);
