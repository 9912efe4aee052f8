import { getClientActivity } from '../../lib/contract/stats.ts';
import { activitySheet } from '../../lib/domain/stats-sheets.ts';
import { readActivity } from '../../lib/messaging/read-stats.ts';
import { inForm } from '../../lib/runtime/form.ts';
import { serve } from '../../lib/runtime/serve.ts';

/** GET /crm/stats/clients/{clientId}/activity: what was written with a client. */
export const handler = serve(getClientActivity, async ({ caller: { tenant, userId }, act, params, query, accept }) =>
  inForm(await readActivity(tenant, params.clientId, userId, query, act.now()), activitySheet, { ...query, accept }),
);
