import { addTags } from '../../lib/contract/tags.ts';
import { tagClient } from '../../lib/domain/client-tags.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { changeTags } from '../../lib/table/client-tags.ts';

/** POST /crm/clients/{clientId}/tags: adds tags; those that the client has stay as they are written. */
export const handler = serve(addTags, async ({ params: { clientId }, body, act }) =>
  ok(await changeTags(act, clientId, 'ClientTagged', (client) => tagClient(act, client, body.tags))),
);
