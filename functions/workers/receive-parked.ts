import { ArrivedSchema, handleWebhook } from '../../lib/messaging/webhook.ts';
import { count } from '../../lib/runtime/metrics.ts';
import { consume } from '../../lib/runtime/queue.ts';
import { newId, now } from '../../lib/runtime/worker.ts';

/**
 * Handles the webhooks that were kept while the table was away; they are verified again. They were acknowledged, so that
 * one that is refused now ends among the dead letters.
 */
export const handler = consume(ArrivedSchema, async (arrived) => {
  const result = await handleWebhook({ now, newId }, arrived);
  if (result === 'unparsable') count('WebhookUnparsable');
  if (result === 'refused') throw new Error('A webhook that was verified when it came is refused now.');
});
