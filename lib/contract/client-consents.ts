import * as z from 'zod';
import { ContactTypeSchema } from './clients.ts';
import { ConsentPurposeSchema, ConsentSourceSchema, ConsentStatusSchema } from './consent.ts';
import { pageOf, route } from './route.ts';
import { ClientIdSchema, ContactIdSchema, InstantSchema, UserIdSchema } from './vocabulary.ts';

/** How an address of a client stands for one purpose; without status where nobody has said anything yet. */
export const ContactConsentSchema = z
  .object({
    contactId: ContactIdSchema.nullable().meta({ description: "null: the client's own phone" }),
    type: ContactTypeSchema,
    value: z.string(),
    purpose: ConsentPurposeSchema,
    status: ConsentStatusSchema.nullable(),
    source: ConsentSourceSchema.nullable(),
    note: z.string().nullable(),
    by: UserIdSchema.nullable(),
    at: InstantSchema.nullable(),
    allowed: z.boolean().meta({ description: 'Whether the address may be written to for this purpose' }),
  })
  .meta({ id: 'ContactConsent' });
export type ContactConsent = z.infer<typeof ContactConsentSchema>;

const ConsentInputSchema = z
  .strictObject({
    contactId: ContactIdSchema.nullable().meta({ description: "null: the client's own phone" }),
    purpose: ConsentPurposeSchema,
    status: ConsentStatusSchema,
    note: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .nullable()
      .default(null)
      .meta({ description: 'How it is known: a form, a call' }),
  })
  .meta({ id: 'ConsentInput' });
export type ConsentInput = z.infer<typeof ConsentInputSchema>;

const clientPath = z.strictObject({ clientId: ClientIdSchema });
const tag = 'Consent';

export const listConsents = route({
  id: 'listConsents',
  method: 'GET',
  path: '/crm/clients/{clientId}/consents',
  tag,
  summary: 'Lists what a client allows on each of its contacts, for each purpose',
  permission: 'Client.Read',
  params: clientPath,
  result: pageOf(ContactConsentSchema),
  problems: ['resource.not-found'],
});

export const recordConsent = route({
  id: 'recordConsent',
  method: 'PUT',
  path: '/crm/clients/{clientId}/consents',
  tag,
  summary: 'Writes down what a client allowed or refused on a contact',
  permission: 'Client.Update',
  params: clientPath,
  body: ConsentInputSchema,
  result: ContactConsentSchema,
  problems: ['resource.not-found', 'consent.own-refusal'],
});
