import { getTemplate as route } from '../../lib/contract/templates.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getTemplate } from '../../lib/table/templates.ts';

/** GET /crm/instant-messages/{templateId}: one template. */
export const handler = serve(route, async ({ params, act }) => ok(await getTemplate(act.tenant, params.templateId)));
