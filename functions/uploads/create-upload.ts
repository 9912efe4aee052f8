import { createUpload } from '../../lib/contract/uploads.ts';
import { announceUpload } from '../../lib/messaging/uploads.ts';
import { created, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/uploads: announces a file, and says where to upload it. */
export const handler = serve(createUpload, async ({ body, act, caller, remember }) => {
  const reply = (ticket: Awaited<ReturnType<typeof announceUpload>>) => created(ticket, `/crm/uploads/${ticket.id}`);
  return reply(await announceUpload(act, body, caller.userId, (ticket) => remember(reply(ticket))));
});
