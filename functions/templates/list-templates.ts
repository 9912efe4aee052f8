import { listTemplates as route } from '../../lib/contract/templates.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listTemplates } from '../../lib/table/templates.ts';

/** GET /crm/instant-messages: the tenant's templates, newest first; those that hold some words if asked. */
export const handler = serve(route, async ({ query: { q, ...page }, act }) =>
  ok(await listTemplates(act.tenant, q, page)),
);
