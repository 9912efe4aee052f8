import { checkHealth } from '../../lib/contract/health.ts';
import { ok, serveOpen } from '../../lib/runtime/serve.ts';

/** GET /health: the service is up. */
export const handler = serveOpen(checkHealth, () => Promise.resolve(ok({ status: 'ok' as const })));
