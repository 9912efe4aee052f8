import * as z from 'zod';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { InstantSchema, TemplateIdSchema } from './vocabulary.ts';

/** As long as the longest message of any provider. It is kept and sent as it was written, spaces included. */
export const TemplateInputSchema = z
  .strictObject({
    template: z
      .string()
      .min(1)
      .max(4096)
      .refine((text) => text.trim() !== '', 'must not be blank')
      .meta({ description: 'Static text: what it holds is sent as it is', example: 'We are open from 9 to 18.' }),
  })
  .meta({ id: 'TemplateInput' });
export type TemplateInput = z.infer<typeof TemplateInputSchema>;

/** A text that is written often. */
export const TemplateSchema = z
  .object({
    id: TemplateIdSchema,
    template: z.string(),
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
    version: z.int(),
  })
  .meta({ id: 'Template' });
export type Template = z.infer<typeof TemplateSchema>;

const templatePath = z.strictObject({ templateId: TemplateIdSchema });
const tag = 'Templates';

export const listTemplates = route({
  id: 'listTemplates',
  method: 'GET',
  path: '/crm/instant-messages',
  tag,
  summary: 'Lists templates, newest first',
  permission: 'Template.Read',
  query: PageQuerySchema.extend({
    q: z.string().trim().min(1).max(200).optional().meta({
      description: 'Only those that hold all these words or parts of words, whatever their case and accents',
    }),
  }),
  result: pageOf(TemplateSchema),
  problems: ['cursor.invalid'],
});

export const createTemplate = route({
  id: 'createTemplate',
  method: 'POST',
  path: '/crm/instant-messages',
  tag,
  summary: 'Adds a template',
  permission: 'Template.Manage',
  body: TemplateInputSchema,
  result: TemplateSchema,
  statuses: [201],
  creates: true,
});

export const getTemplate = route({
  id: 'getTemplate',
  method: 'GET',
  path: '/crm/instant-messages/{templateId}',
  tag,
  summary: 'Gets a template',
  permission: 'Template.Read',
  params: templatePath,
  result: TemplateSchema,
  problems: ['resource.not-found'],
});

export const replaceTemplate = route({
  id: 'replaceTemplate',
  method: 'PUT',
  path: '/crm/instant-messages/{templateId}',
  tag,
  summary: 'Replaces the text of a template; messages that were sent with it keep theirs',
  permission: 'Template.Manage',
  params: templatePath,
  body: TemplateInputSchema,
  result: TemplateSchema,
  problems: ['resource.not-found', 'version.stale'],
});

export const deleteTemplate = route({
  id: 'deleteTemplate',
  method: 'DELETE',
  path: '/crm/instant-messages/{templateId}',
  tag,
  summary: 'Removes a template',
  permission: 'Template.Manage',
  params: templatePath,
  problems: ['resource.not-found', 'version.stale'],
});
