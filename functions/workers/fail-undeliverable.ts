import { DispatchSchema } from '../../lib/events/outbox.ts';
import { abandonDispatch } from '../../lib/messaging/endings.ts';
import { consume } from '../../lib/runtime/queue.ts';
import { systemAct } from '../../lib/runtime/worker.ts';

/** Fails, visibly, the messages that the outbound queues gave up on. */
export const handler = consume(DispatchSchema, async (dispatch) => {
  await abandonDispatch(systemAct(dispatch.tenantId, 'fail-undeliverable', dispatch.messageId), dispatch);
});
