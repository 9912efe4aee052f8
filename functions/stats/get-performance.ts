import { getPerformance } from '../../lib/contract/stats.ts';
import { performanceSheet } from '../../lib/domain/stats-sheets.ts';
import { readPerformance } from '../../lib/messaging/read-stats.ts';
import { inForm } from '../../lib/runtime/form.ts';
import { serve } from '../../lib/runtime/serve.ts';

/** GET /crm/stats/performance: how soon clients are answered; agents see their own. */
export const handler = serve(getPerformance, async ({ caller, act, query, accept }) =>
  inForm(await readPerformance(caller.tenant, caller, query, act.now()), performanceSheet, { ...query, accept }),
);
