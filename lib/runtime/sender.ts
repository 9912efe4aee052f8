import type { SQSRecord } from 'aws-lambda';
import { outboundQueueUrl, showAgainIn } from '../cloud/queues.ts';
import type { ProviderName } from '../contract/vocabulary.ts';
import { DispatchSchema } from '../events/outbox.ts';
import { deliver } from '../messaging/deliver.ts';
import { abandonDispatch } from '../messaging/endings.ts';
import { logger } from './logger.ts';
import { consumeInOrder, parseJson } from './queue.ts';
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

/** Fails a message that its queue gave up on, so that its chat shows it. What is no dispatch can only be kept. */
export const failDispatch = async ({ body }: SQSRecord): Promise<void> => {
  const dispatch = DispatchSchema.safeParse(parseJson(body));
  if (!dispatch.success) return;
  const { tenantId, messageId } = dispatch.data;
  await abandonDispatch(systemAct(tenantId, 'fail-undeliverable', messageId), dispatch.data);
};
