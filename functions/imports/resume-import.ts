import { resumeImport as route } from '../../lib/contract/imports.ts';
import { resumeImport } from '../../lib/messaging/start-import.ts';
import { accepted, serve } from '../../lib/runtime/serve.ts';

/** POST /crm/imports/{importId}/resume: goes on with an import that was cancelled, or broken off. */
export const handler = serve(route, async ({ params: { importId }, act }) =>
  accepted(await resumeImport(act, importId), `/crm/imports/${importId}`),
);
