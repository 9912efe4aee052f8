import { getStats } from '../../lib/contract/stats.ts';
import { overviewSheet } from '../../lib/domain/stats-sheets.ts';
import { readOverview } from '../../lib/messaging/read-stats.ts';
import { inForm } from '../../lib/runtime/form.ts';
import { serve } from '../../lib/runtime/serve.ts';

/** GET /crm/stats: how many clients, chats and messages there are. */
export const handler = serve(getStats, async ({ caller, act, query, accept }) =>
  inForm(await readOverview(caller.tenant, act.now()), overviewSheet, { ...query, accept }),
);
