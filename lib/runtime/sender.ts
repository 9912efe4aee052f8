import { outboundQueueUrl, showAgainIn } from '../cloud/queues.ts';
import type { ProviderName } from '../contract/vocabulary.ts';
import { DispatchSchema } from '../events/outbox.ts';
import { deliver } from '../messaging/deliver.ts';
import { logger } from './logger.ts';
import { consumeInOrder } from './queue.ts';
import { systemAct } from './worker.ts';

/** A handler of a provider's FIFO queue. What has to wait keeps its place: its chat's later messages wait behind it. */
export const sendDispatched = (provider: ProviderName) =>
  consumeInOrder(DispatchSchema, async (dispatch, record) => {
    logger.resetKeys();
    logger.appendKeys({ tenant: dispatch.tenantId, messageId: dispatch.messageId, provider });
    const handled = await deliver(systemAct(dispatch.tenantId, 'sender', dispatch.messageId), dispatch);
    if (!handled.done) await showAgainIn(outboundQueueUrl(provider), record.receiptHandle, handled.waitSeconds);
    return handled.done;
  });
