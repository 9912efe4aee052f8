import type { EventOf } from '../../lib/events/catalogue.ts';
import { notifyOf } from '../../lib/messaging/notify.ts';
import { warnOfEndpoint } from '../../lib/messaging/warn-of-endpoint.ts';
import { logger } from '../../lib/runtime/logger.ts';
import { subscribe } from '../../lib/runtime/subscriber.ts';
import { systemAct } from '../../lib/runtime/worker.ts';

/** Tells users of a client's message, by Telegram or e-mail, and administrators of an endpoint that was disabled. */
export const handler = subscribe(async (tenant, events) => {
  const isReceived = (event: (typeof events)[number]): event is EventOf<'MessageReceived'> =>
    event.type === 'MessageReceived';
  const isDisabled = (event: (typeof events)[number]): event is EventOf<'WebhookEndpointDisabled'> =>
    event.type === 'WebhookEndpointDisabled';
  for (const { data, correlationId } of events.filter(isDisabled)) {
    await warnOfEndpoint(systemAct(tenant, 'notify-users', correlationId), data);
  }
  for (const { data, correlationId } of events.filter(isReceived)) {
    await notifyOf(systemAct(tenant, 'notify-users', correlationId), data.chatId, data.id, (user, way, outcome) => {
      logger.warn('a user was not told', { tenant, message: data.id, user: user.id, way, ...outcome });
    });
  }
});
