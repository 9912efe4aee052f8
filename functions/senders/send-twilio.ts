import { sendDispatched } from '../../lib/runtime/sender.ts';

/** Takes what stands on Twilio's queue and sends it. */
export const handler = sendDispatched('twilio');
