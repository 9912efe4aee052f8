import { takeWebhook } from '../../lib/runtime/webhook.ts';

/** POST /crm/webhooks/twilio/{channelId}/status: Twilio tells what became of a message that we sent. */
export const handler = takeWebhook('twilio', 'report');
