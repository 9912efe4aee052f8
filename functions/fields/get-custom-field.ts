import { getCustomField as route } from '../../lib/contract/custom-fields.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getCustomField } from '../../lib/table/custom-fields.ts';

/** GET /crm/custom-fields/{customFieldId}: one custom field. */
export const handler = serve(route, async ({ params: { customFieldId }, act }) =>
  ok(await getCustomField(act.tenant, customFieldId)),
);
