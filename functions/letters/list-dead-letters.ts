import { listDeadLetters as route } from '../../lib/contract/dead-letters.ts';
import { letterView } from '../../lib/domain/dead-letter.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { listDeadLetters } from '../../lib/table/dead-letters.ts';

/** GET /crm/dead-letters: what could not be handled, last received first. */
export const handler = serve(route, async ({ query: { limit, cursor, ...filter }, act }) => {
  const { items, nextCursor } = await listDeadLetters(act.tenant, filter, { limit, cursor });
  return ok({ items: items.map(letterView), nextCursor });
});
