import type { EventOf } from '../../lib/events/catalogue.ts';
import { fetchAttachments } from '../../lib/messaging/fetch-attachments.ts';
import { subscribe } from '../../lib/runtime/subscriber.ts';
import { systemAct } from '../../lib/runtime/worker.ts';

/** Fetches the files of a client's message from its provider, when it is announced and when it is asked for again. */
export const handler = subscribe(async (tenant, events) => {
  const isToFetch = (event: (typeof events)[number]): event is EventOf<'MessageReceived' | 'AttachmentRetried'> =>
    event.type === 'MessageReceived' || event.type === 'AttachmentRetried';
  for (const { data, correlationId } of events.filter(isToFetch)) {
    await fetchAttachments(systemAct(tenant, 'fetch-attachments', correlationId), data.chatId, data.id);
  }
});
