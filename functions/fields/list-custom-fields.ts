import { listCustomFields as route } from '../../lib/contract/custom-fields.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listCustomFields } from '../../lib/table/custom-fields.ts';

/** GET /crm/custom-fields: all custom fields of clients; there are few enough for one page. */
export const handler = serve(route, async ({ act }) =>
  ok({ items: await listCustomFields(act.tenant), nextCursor: null }),
);
