import { replaceCustomField as route } from '../../lib/contract/custom-fields.ts';
import { replaceCustomField } from '../../lib/domain/custom-field.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { customFieldEvent } from '../../lib/domain/occurrence.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { getCustomField, saveCustomField } from '../../lib/table/custom-fields.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** PUT /crm/custom-fields/{customFieldId}: changes or retires a custom field; one in use keeps its type. */
export const handler = serve(route, ({ params: { customFieldId }, body, act, ifMatch }) =>
  untilUndisturbed(async () => {
    const before = await getCustomField(act.tenant, customFieldId);
    requireVersion(ifMatch, before.version);
    const after = replaceCustomField(act, before, body);
    const type = after.retired && !before.retired ? 'CustomFieldRetired' : 'CustomFieldUpdated';
    await saveCustomField(act.tenant, before, after, customFieldEvent(act, type, after, before));
    return ok(after);
  }),
);
