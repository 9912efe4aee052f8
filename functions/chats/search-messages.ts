import { searchMessages } from '../../lib/contract/search.ts';
import { searchMessages as search } from '../../lib/messaging/search-messages.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** GET /crm/messages/search: finds messages by their words, newest first. */
export const handler = serve(searchMessages, async ({ query: { q, limit, cursor, ...filter }, caller }) =>
  ok(await search(caller.tenant, q, filter, { limit, cursor })),
);
