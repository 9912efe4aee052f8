import { checkReadiness } from '../../lib/contract/health.ts';
import { checkVital } from '../../lib/runtime/health.ts';
import { serveOpen } from '../../lib/runtime/serve.ts';

/** GET /health/ready: the table and the queues answer. */
export const handler = serveOpen(checkReadiness, async () => {
  const status = await checkVital();
  return { status: status === 'ok' ? 200 : 503, body: { status } };
});
