import { deleteCustomField } from '../../lib/contract/custom-fields.ts';
import { requireUnused } from '../../lib/domain/custom-field.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { customFieldEvent } from '../../lib/domain/occurrence.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';
import { getCustomField, removeCustomField } from '../../lib/table/custom-fields.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** DELETE /crm/custom-fields/{customFieldId}: removes a custom field that no client ever had a value in. */
export const handler = serve(deleteCustomField, ({ params: { customFieldId }, act, ifMatch }) =>
  untilUndisturbed(async () => {
    const field = await getCustomField(act.tenant, customFieldId);
    requireVersion(ifMatch, field.version);
    requireUnused(field);
    await removeCustomField(act.tenant, field, customFieldEvent(act, 'CustomFieldDeleted', field));
    return noContent();
  }),
);
