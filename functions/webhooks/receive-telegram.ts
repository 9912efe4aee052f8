import { takeWebhook } from '../../lib/runtime/webhook.ts';

/** POST /tg/webhook[/{channelId}]: a client wrote to the bot, changed what it wrote, or blocked it. */
export const handler = takeWebhook('telegram', 'message');
