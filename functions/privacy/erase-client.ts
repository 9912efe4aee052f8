import { eraseClient } from '../../lib/contract/privacy.ts';
import { erase } from '../../lib/messaging/erase.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';
import type { ErasureRecord } from '../../lib/domain/erasure.ts';

const reply = (erasure: ErasureRecord) => accepted(erasure, `/crm/erasures/${erasure.id}`);

/** POST /crm/clients/{clientId}/erase: hides a client for good, removes all there is of it, and gives a receipt. */
export const handler = serve(eraseClient, async ({ params, act, remember }) =>
  reply(await erase(act, params.clientId, (erasure) => remember(reply(erasure)))),
);
