import { createTemplate } from '../../lib/contract/templates.ts';
import { templateEvent } from '../../lib/domain/occurrence.ts';
import { newTemplate } from '../../lib/domain/template.ts';
import { created, serve } from '../../lib/runtime/serve.ts';
import { insertTemplate } from '../../lib/table/templates.ts';

/** POST /crm/instant-messages: adds a template for all of the tenant's users. */
export const handler = serve(createTemplate, async ({ body, act, remember }) => {
  const template = newTemplate(act, body);
  const reply = created(template, `/crm/instant-messages/${template.id}`);
  await insertTemplate(act.tenant, template, templateEvent(act, 'TemplateCreated', template), remember(reply));
  return reply;
});
