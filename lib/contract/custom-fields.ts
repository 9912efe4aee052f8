import * as z from 'zod';
import { CustomFieldNameSchema } from './clients.ts';
import { pageOf, route } from './route.ts';
import { CustomFieldIdSchema, InstantSchema } from './vocabulary.ts';

const CustomFieldTypeSchema = z.enum(['text', 'number', 'date', 'boolean', 'choice']).meta({
  id: 'CustomFieldType',
  description: 'date: YYYY-MM-DD; choice: one of `choices`',
});

const label = z.string().trim().min(1).max(100);
const choices = z.array(z.string().trim().min(1).max(100)).max(100);

/** A field of clients that the tenant has defined. `name` is its key in `customFields`. */
export const CustomFieldSchema = z
  .object({
    id: CustomFieldIdSchema,
    name: z.string(),
    label: z.string(),
    type: CustomFieldTypeSchema,
    choices: z.array(z.string()),
    retired: z.boolean().meta({ description: 'Values stay where they are; none is added or changed' }),
    used: z.boolean().meta({ description: 'Whether a client has ever had a value in it' }),
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
    version: z.int(),
  })
  .meta({ id: 'CustomField' });
export type CustomField = z.infer<typeof CustomFieldSchema>;

const kind = {
  label: label.optional().meta({ description: 'What people see; the name unless said' }),
  type: CustomFieldTypeSchema,
  choices: choices.default([]).meta({ description: 'Of a choice, one at least; of no other type' }),
};

export const NewCustomFieldSchema = z
  .strictObject({
    name: CustomFieldNameSchema.meta({ description: 'Unique without regard to case; stays as it is', example: 'size' }),
    ...kind,
  })
  .meta({ id: 'NewCustomField' });
export type NewCustomField = z.infer<typeof NewCustomFieldSchema>;

const CustomFieldInputSchema = z
  .strictObject({ ...kind, retired: z.boolean().default(false) })
  .meta({ id: 'CustomFieldInput' });
export type CustomFieldInput = z.infer<typeof CustomFieldInputSchema>;

const fieldPath = z.strictObject({ customFieldId: CustomFieldIdSchema });
const tag = 'Custom fields';

export const listCustomFields = route({
  id: 'listCustomFields',
  method: 'GET',
  path: '/crm/custom-fields',
  tag,
  summary: 'Lists the custom fields of clients, by name',
  permission: 'Client.Read',
  result: pageOf(CustomFieldSchema),
});

export const createCustomField = route({
  id: 'createCustomField',
  method: 'POST',
  path: '/crm/custom-fields',
  tag,
  summary: 'Defines a custom field of clients',
  permission: 'Settings.Manage',
  body: NewCustomFieldSchema,
  result: CustomFieldSchema,
  statuses: [201],
  problems: ['custom-field.duplicate', 'custom-field.limit'],
  creates: true,
});

export const getCustomField = route({
  id: 'getCustomField',
  method: 'GET',
  path: '/crm/custom-fields/{customFieldId}',
  tag,
  summary: 'Gets a custom field',
  permission: 'Client.Read',
  params: fieldPath,
  result: CustomFieldSchema,
  problems: ['resource.not-found'],
});

export const replaceCustomField = route({
  id: 'replaceCustomField',
  method: 'PUT',
  path: '/crm/custom-fields/{customFieldId}',
  tag,
  summary: 'Changes a custom field, or retires it; one in use keeps its type and its choices, and may gain choices',
  permission: 'Settings.Manage',
  params: fieldPath,
  body: CustomFieldInputSchema,
  result: CustomFieldSchema,
  problems: ['resource.not-found', 'custom-field.in-use', 'version.stale'],
});

export const deleteCustomField = route({
  id: 'deleteCustomField',
  method: 'DELETE',
  path: '/crm/custom-fields/{customFieldId}',
  tag,
  summary: 'Removes a custom field that no client ever had a value in; any other one can be retired',
  permission: 'Settings.Manage',
  params: fieldPath,
  problems: ['resource.not-found', 'custom-field.in-use', 'version.stale'],
});
