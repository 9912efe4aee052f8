import { removeTags } from '../../lib/contract/tags.ts';
import { untagClient } from '../../lib/domain/client-tags.ts';
import { invalid } from '../../lib/domain/failure.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { changeTags } from '../../lib/table/client-tags.ts';

/** DELETE /crm/clients/{clientId}/tags: removes the tags in the body, the one in the query, or both. */
export const handler = serve(removeTags, async ({ params: { clientId }, query, body, act }) => {
  const tags = [...(body?.tags ?? []), ...(query.tag === undefined ? [] : [query.tag])];
  if (tags.length === 0) throw invalid('/tags', 'is missing: say which tags to remove');
  return ok(await changeTags(act, clientId, 'ClientUntagged', (client) => untagClient(act, client, tags)));
});
