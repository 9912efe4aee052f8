import { takeWebhook } from '../../lib/runtime/webhook.ts';

/** POST /crm/webhooks/twilio[/{channelId}]: a client wrote by SMS or WhatsApp. */
export const handler = takeWebhook('twilio', 'message');
