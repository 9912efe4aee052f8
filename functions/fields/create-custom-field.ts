import { createCustomField } from '../../lib/contract/custom-fields.ts';
import { newCustomField } from '../../lib/domain/custom-field.ts';
import { customFieldEvent } from '../../lib/domain/occurrence.ts';
import { created, serve } from '../../lib/runtime/serve.ts';
import { insertCustomField } from '../../lib/table/custom-fields.ts';

/** POST /crm/custom-fields: defines a custom field of clients; values that clients have under its name stay as they are. */
export const handler = serve(createCustomField, async ({ body, act, remember }) => {
  const field = newCustomField(act, body);
  const reply = created(field, `/crm/custom-fields/${field.id}`);
  await insertCustomField(act.tenant, field, customFieldEvent(act, 'CustomFieldCreated', field), remember(reply));
  return reply;
});
