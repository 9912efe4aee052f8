import * as z from 'zod';
import { ClientSchema, TagSchema } from './clients.ts';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { ClientIdSchema } from './vocabulary.ts';

const clientPath = z.strictObject({ clientId: ClientIdSchema });
const tag = 'Tags';

const TagsInputSchema = z
  .strictObject({ tags: z.array(TagSchema).min(1).max(100) })
  .meta({ id: 'TagsInput', description: 'Tags are matched without case; accents tell them apart' });

export const TagCountSchema = z
  .object({
    tag: z.string().meta({ description: 'As it was first written' }),
    count: z.int().min(1).meta({ description: 'How many clients have it; deleted ones do not count' }),
  })
  .meta({ id: 'TagCount' });
export type TagCount = z.infer<typeof TagCountSchema>;

export const listTags = route({
  id: 'listTags',
  method: 'GET',
  path: '/crm/clients/tags',
  tag,
  summary: 'Lists the tags that clients have, by name, with how many have each',
  permission: 'Client.Read',
  query: PageQuerySchema,
  result: pageOf(TagCountSchema),
  problems: ['cursor.invalid'],
});

export const addTags = route({
  id: 'addTags',
  method: 'POST',
  path: '/crm/clients/{clientId}/tags',
  tag,
  summary: 'Adds tags to a client; those that it has change nothing',
  permission: 'Tag.Manage',
  params: clientPath,
  body: TagsInputSchema,
  result: ClientSchema,
  problems: ['resource.not-found', 'tag.limit'],
});

export const removeTags = route({
  id: 'removeTags',
  method: 'DELETE',
  path: '/crm/clients/{clientId}/tags',
  tag,
  summary: 'Removes tags from a client; those that it does not have change nothing',
  permission: 'Tag.Manage',
  params: clientPath,
  query: z.strictObject({
    tag: TagSchema.optional().meta({ description: 'One tag, for whom a DELETE cannot have a body' }),
  }),
  body: TagsInputSchema.optional(),
  result: ClientSchema,
  problems: ['resource.not-found'],
});
