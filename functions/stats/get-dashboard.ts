import { getDashboard } from '../../lib/contract/stats.ts';
import { dashboardSheet } from '../../lib/domain/stats-sheets.ts';
import { readDashboard } from '../../lib/messaging/read-stats.ts';
import { inForm } from '../../lib/runtime/form.ts';
import { serve } from '../../lib/runtime/serve.ts';

/** GET /crm/stats/dashboard: what happened on each day and channel; days beyond a limit are refused. */
export const handler = serve(getDashboard, async ({ caller, act, query, accept }) =>
  inForm(await readDashboard(caller.tenant, query, act.now()), dashboardSheet, { ...query, accept }),
);
