import { checkHealthDetailed } from '../../lib/contract/health.ts';
import { checkAll } from '../../lib/runtime/health.ts';
import { serveOpen } from '../../lib/runtime/serve.ts';

/** GET /health/detailed: what works and what does not. */
export const handler = serveOpen(checkHealthDetailed, async () => {
  const health = await checkAll();
  return { status: health.status === 'failing' ? 503 : 200, body: health };
});
