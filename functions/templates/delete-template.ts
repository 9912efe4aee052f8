import { deleteTemplate } from '../../lib/contract/templates.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { templateEvent } from '../../lib/domain/occurrence.ts';
import { noContent, serve } from '../../lib/runtime/serve.ts';
import { getTemplate, removeTemplate } from '../../lib/table/templates.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** DELETE /crm/instant-messages/{templateId}: removes a template; what was sent with it stays. */
export const handler = serve(deleteTemplate, ({ params, act, ifMatch }) =>
  untilUndisturbed(async () => {
    const before = await getTemplate(act.tenant, params.templateId);
    requireVersion(ifMatch, before.version);
    await removeTemplate(act.tenant, before, templateEvent(act, 'TemplateDeleted', before));
    return noContent();
  }),
);
