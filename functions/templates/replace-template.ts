import { replaceTemplate as route } from '../../lib/contract/templates.ts';
import { requireVersion } from '../../lib/domain/failure.ts';
import { templateEvent } from '../../lib/domain/occurrence.ts';
import { replaceTemplate } from '../../lib/domain/template.ts';
import { ok, serve } from '../../lib/runtime/serve.ts';
import { changeTemplate, getTemplate } from '../../lib/table/templates.ts';
import { untilUndisturbed } from '../../lib/table/transaction.ts';

/** PUT /crm/instant-messages/{templateId}: replaces the text; messages that were sent with it keep theirs. */
export const handler = serve(route, ({ params, body, act, ifMatch }) =>
  untilUndisturbed(async () => {
    const before = await getTemplate(act.tenant, params.templateId);
    requireVersion(ifMatch, before.version);
    const after = replaceTemplate(act, before, body);
    await changeTemplate(act.tenant, before, after, templateEvent(act, 'TemplateUpdated', after, before));
    return ok(after);
  }),
);
