import { checkLiveness } from '../../lib/contract/health.ts';
import { ok, serveOpen } from '../../lib/runtime/serve.ts';

/** GET /health/live: the function answers. */
export const handler = serveOpen(checkLiveness, () => Promise.resolve(ok({ status: 'ok' as const })));
