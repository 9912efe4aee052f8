import { listTags as route } from '../../lib/contract/tags.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listTags } from '../../lib/table/client-tags.ts';

/** GET /crm/clients/tags: the tags that clients have, with how many have each. */
export const handler = serve(route, async ({ query, act }) => ok(await listTags(act.tenant, query)));
