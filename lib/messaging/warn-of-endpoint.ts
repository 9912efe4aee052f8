import type { WebhookEndpoint } from '../contract/webhook-endpoints.ts';
import type { Act } from '../domain/act.ts';
import { endpointNotice } from '../domain/endpoint-notice.ts';
import { languageOf } from '../domain/telegram-link.ts';
import { isActiveAdmin } from '../domain/user.ts';
import { knownSettings } from '../table/settings.ts';
import { untilUndisturbed } from '../table/transaction.ts';
import { findUsers } from '../table/users.ts';
import { findWebhookEndpoint, noteWarned } from '../table/webhook-endpoints.ts';
import { mailSettings } from './reachable.ts';
import { tell } from './tell.ts';

/** Takes on telling of it; false when it is not so any more, or somebody has taken it on before. */
const takeOn = (act: Act, { id, version }: WebhookEndpoint): Promise<boolean> =>
  untilUndisturbed(async () => {
    const endpoint = await findWebhookEndpoint(act.tenant, id);
    if (endpoint?.status !== 'disabled' || endpoint.version !== version || endpoint.warnedAt >= version) return false;
    await noteWarned(act.tenant, endpoint);
    return true;
  });

/**
 * Tells a tenant's administrators by e-mail that another system is told no more, at most once. Two reads, a query and a
 * transaction.
 */
export const warnOfEndpoint = async (act: Act, disabled: WebhookEndpoint): Promise<void> => {
  if (mailSettings() === undefined || !(await takeOn(act, disabled))) return;
  const [users, { languages }] = await Promise.all([findUsers(act.tenant), knownSettings(act.tenant)]);
  for (const user of users.filter(isActiveAdmin)) {
    const notice = endpointNotice(languageOf(user, languages), disabled);
    await tell(act, 'email', { user, notice, about: `${disabled.id} ${disabled.version}` });
  }
};
