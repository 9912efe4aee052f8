import { sendDispatched } from '../../lib/runtime/sender.ts';

/** Takes what stands on Telegram's queue and sends it. */
export const handler = sendDispatched('telegram');
