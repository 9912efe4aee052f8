import { replaceSettings } from '../../lib/contract/settings.ts';
import { invalid, requireVersion } from '../../lib/domain/failure.ts';
import { hasPhoneNumbers } from '../../lib/domain/identity.ts';
import { nextForgetting } from '../../lib/domain/retention.ts';
import { settingsEvent } from '../../lib/domain/occurrence.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getSettings, saveSettings } from '../../lib/table/settings.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** PUT /crm/settings: replaces the tenant's settings. */
export const handler = serve(replaceSettings, ({ body, act, ifMatch }) => {
  const { defaultCountry } = body;
  if (defaultCountry !== null && !hasPhoneNumbers(defaultCountry)) {
    throw invalid('/defaultCountry', 'is not a country with phone numbers');
  }
  return untilUndisturbed(async () => {
    const before = await getSettings(act.tenant);
    requireVersion(ifMatch, before.version);
    const dueAt = nextForgetting(body, act.now(), before.dueAt);
    const after = { ...before, ...body, dueAt, version: before.version + 1, revision: before.revision + 1 };
    await saveSettings(act.tenant, before, after, settingsEvent(act, 'SettingsUpdated', after, before));
    return ok(after);
  });
});
