import { environment } from '../config/environment.ts';

/**
 * After how many seconds the queue entry of a delivery counts as lost. Where another system takes its time, many stand on the
 * queue for minutes; to look after each of them as often as after a message would be for nothing.
 */
export const deliveryLookSeconds = (): number => 5 * environment().REDISPATCH_SECONDS;
