import * as z from 'zod';
import { ConsentSchema } from './consent.ts';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { TimeZoneSchema } from './settings.ts';
import { ClientIdSchema, ContactIdSchema, InstantSchema, TransportSchema } from './vocabulary.ts';

const text = (max: number) => z.string().trim().min(1).max(max);
const optionalText = (max: number) => text(max).nullable().default(null);

export const ContactTypeSchema = z
  .enum(['email', 'phone', 'telegram', 'whatsapp', 'instagram', 'website', 'other'])
  .meta({ id: 'ContactType' });
export type ContactType = z.infer<typeof ContactTypeSchema>;

/** An address of a client. Its value is unique in the tenant within its type; phone and whatsapp count as one. */
export const ContactInputSchema = z
  .strictObject({ type: ContactTypeSchema, value: text(320) })
  .meta({ id: 'ContactInput' });
export type ContactInput = z.infer<typeof ContactInputSchema>;

export const ContactSchema = z
  .object({
    id: ContactIdSchema,
    type: ContactTypeSchema,
    value: z.string(),
    optedOut: z.boolean(),
    consents: z.array(ConsentSchema).default([]),
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
  })
  .meta({ id: 'Contact' });
export type Contact = z.infer<typeof ContactSchema>;

/** A calendar date that exists, not after today. */
const DateOfBirthSchema = z.iso.date().meta({ example: '1990-05-17' });

/** A number that can be kept as it is. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const FieldNumberSchema = z
  .number()
  .min(Number.MIN_SAFE_INTEGER)
  .max(Number.MAX_SAFE_INTEGER)
  .refine((number) => number === 0 || Math.abs(number) >= 1e-100, 'is too close to 0')
  // The table has no zero below zero.
  .overwrite((number) => (number === 0 ? 0 : number));

/** Names that objects have anyway, so that an object without them seems to have a value. */
const isReserved = (name: string): boolean => name === 'prototype' || name in {};

export const CustomFieldNameSchema = z
  .string()
  .min(1)
  .max(64)
  .refine((name) => !isReserved(name), 'is a reserved name');

export const CustomFieldsSchema = z
  .record(CustomFieldNameSchema, z.union([z.string().max(1000), FieldNumberSchema, z.boolean(), z.null()]))
  .refine((fields) => Object.keys(fields).length <= 50, 'at most 50 custom fields')
  // An event carries them twice, and EventBridge takes 256 KB.
  .refine((fields) => new TextEncoder().encode(JSON.stringify(fields)).length <= 32_000, 'at most 32 KB altogether');

/** What `PUT` replaces. A field that is left out is emptied. */
const profile = {
  firstName: text(100),
  lastName: optionalText(100),
  middleName: optionalText(100),
  phone: text(40)
    .nullable()
    .default(null)
    .meta({ description: 'Any way of writing it; kept as E.164; unique in the tenant' }),
  email: z.email().max(254).nullable().default(null),
  preferredTransport: TransportSchema.nullable().default(null),
  address: optionalText(500),
  dateOfBirth: DateOfBirthSchema.nullable().default(null),
  timeZone: TimeZoneSchema.nullable().default(null).meta({ description: "null: the tenant's" }),
  gender: z.enum(['male', 'female', 'other']).nullable().default(null),
  passportId: optionalText(50),
  pin: optionalText(50).meta({ description: 'Personal identification number; unique in the tenant' }),
  comments: optionalText(5000),
  customFields: CustomFieldsSchema.default({}).meta({
    description:
      'By name. Of a name that is defined, a value has the type that was defined; any other name takes any value',
  }),
};

export const ClientProfileSchema = z.strictObject(profile).meta({ id: 'ClientProfile' });
export type ClientProfile = z.infer<typeof ClientProfileSchema>;

export const TagSchema = text(50);

export const NewClientSchema = z
  .strictObject({
    ...profile,
    tags: z.array(TagSchema).default([]).meta({ description: 'At most 50; matched without case' }),
    contacts: z.array(ContactInputSchema).default([]).meta({ description: 'At most 20' }),
  })
  .meta({ id: 'NewClient' });
export type NewClient = z.infer<typeof NewClientSchema>;

export const ClientSchema = z
  .object({
    id: ClientIdSchema,
    firstName: z.string(),
    lastName: z.string().nullable(),
    middleName: z.string().nullable(),
    phone: z.string().nullable(),
    email: z.string().nullable(),
    preferredTransport: TransportSchema.nullable(),
    address: z.string().nullable(),
    dateOfBirth: z.string().nullable(),
    timeZone: z.string().nullable().default(null),
    gender: z.enum(['male', 'female', 'other']).nullable(),
    passportId: z.string().nullable(),
    pin: z.string().nullable(),
    comments: z.string().nullable(),
    tags: z.array(z.string()),
    customFields: CustomFieldsSchema,
    contacts: z.array(ContactSchema),
    /** Whether the client refuses messages to `phone`. */
    phoneOptedOut: z.boolean(),
    phoneConsents: z.array(ConsentSchema).default([]),
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
    version: z.int(),
  })
  .meta({ id: 'Client' });
export type Client = z.infer<typeof ClientSchema>;

const clientPath = z.strictObject({ clientId: ClientIdSchema });
const contactPath = z.strictObject({ clientId: ClientIdSchema, contactId: ContactIdSchema });
const tag = 'Clients';

export const listClients = route({
  id: 'listClients',
  method: 'GET',
  path: '/crm/clients',
  tag,
  summary: 'Lists clients, newest first or by name; those with a tag if asked',
  permission: 'Client.Read',
  query: PageQuerySchema.extend({
    sort: z.enum(['newest', 'name']).default('newest'),
    tag: TagSchema.optional().meta({ description: 'Only clients with this tag, newest first; matched without case' }),
  }).refine(({ sort, tag: only }) => only === undefined || sort === 'newest', {
    path: ['sort'],
    message: 'clients with a tag are listed newest first',
  }),
  result: pageOf(ClientSchema),
  problems: ['cursor.invalid'],
});

export const createClient = route({
  id: 'createClient',
  method: 'POST',
  path: '/crm/clients',
  tag,
  summary: 'Adds a client',
  permission: 'Client.Create',
  body: NewClientSchema,
  result: ClientSchema,
  statuses: [201],
  problems: ['contact.duplicate', 'contact.limit', 'tag.limit', 'client.pin-duplicate', 'client.unborn'],
  creates: true,
});

export const getClient = route({
  id: 'getClient',
  method: 'GET',
  path: '/crm/clients/{clientId}',
  tag,
  summary: 'Gets a client',
  permission: 'Client.Read',
  params: clientPath,
  result: ClientSchema,
  problems: ['resource.not-found'],
});

export const replaceClient = route({
  id: 'replaceClient',
  method: 'PUT',
  path: '/crm/clients/{clientId}',
  tag,
  summary: "Replaces a client's profile",
  permission: 'Client.Update',
  params: clientPath,
  body: ClientProfileSchema,
  result: ClientSchema,
  problems: ['resource.not-found', 'contact.duplicate', 'client.pin-duplicate', 'client.unborn', 'version.stale'],
});

export const deleteClient = route({
  id: 'deleteClient',
  method: 'DELETE',
  path: '/crm/clients/{clientId}',
  tag,
  summary: 'Hides a client and its chat, and frees its contacts',
  permission: 'Client.Delete',
  params: clientPath,
  problems: ['resource.not-found', 'version.stale'],
});

export const restoreClient = route({
  id: 'restoreClient',
  method: 'POST',
  path: '/crm/clients/{clientId}/restore',
  tag,
  summary: 'Brings a deleted client back, or says which contact is taken',
  permission: 'Client.Delete',
  params: clientPath,
  result: ClientSchema,
  problems: ['resource.not-found', 'client.not-deleted', 'contact.duplicate', 'client.pin-duplicate'],
});

export const listContacts = route({
  id: 'listContacts',
  method: 'GET',
  path: '/crm/clients/{clientId}/contacts',
  tag,
  summary: "Lists a client's contacts",
  permission: 'Client.Read',
  params: clientPath,
  result: pageOf(ContactSchema),
  problems: ['resource.not-found'],
});

export const addContact = route({
  id: 'addContact',
  method: 'POST',
  path: '/crm/clients/{clientId}/contacts',
  tag,
  summary: 'Adds a contact',
  permission: 'Client.Update',
  params: clientPath,
  body: ContactInputSchema,
  result: ContactSchema,
  statuses: [201],
  problems: ['resource.not-found', 'contact.duplicate', 'contact.limit'],
  creates: true,
});

export const replaceContact = route({
  id: 'replaceContact',
  method: 'PUT',
  path: '/crm/clients/{clientId}/contacts/{contactId}',
  tag,
  summary: 'Changes a contact',
  permission: 'Client.Update',
  params: contactPath,
  body: ContactInputSchema,
  result: ContactSchema,
  problems: ['resource.not-found', 'contact.duplicate'],
});

export const removeContact = route({
  id: 'removeContact',
  method: 'DELETE',
  path: '/crm/clients/{clientId}/contacts/{contactId}',
  tag,
  summary: 'Removes a contact',
  permission: 'Client.Update',
  params: contactPath,
  problems: ['resource.not-found'],
});
