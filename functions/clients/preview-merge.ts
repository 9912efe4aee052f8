import { previewMerge as route } from '../../lib/contract/merge.ts';
import { previewMerge } from '../../lib/messaging/merge.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/clients/{clientId}/merge/preview: what merging another client into this one would make of it. */
export const handler = serve(route, async ({ params: { clientId }, body, act }) =>
  ok(await previewMerge(act, { survivorId: clientId, absorbedId: body.clientId, prefer: body.prefer })),
);
