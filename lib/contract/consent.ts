import * as z from 'zod';
import { InstantSchema, UserIdSchema } from './vocabulary.ts';

/**
 * What an address may be used for. `service`: the conversation, and whatever is written to this client in person.
 * `marketing`: what is written to many.
 */
export const ConsentPurposeSchema = z.enum(['service', 'marketing']).meta({
  id: 'ConsentPurpose',
  description: 'service: the conversation, allowed until it is refused. marketing: refused until it is allowed.',
});
export type ConsentPurpose = z.infer<typeof ConsentPurposeSchema>;

export const ConsentStatusSchema = z.enum(['opted-in', 'opted-out']).meta({ id: 'ConsentStatus' });

export const ConsentSourceSchema = z.enum(['client', 'provider', 'user', 'import']).meta({
  id: 'ConsentSource',
  description:
    'client: by its own message or act; provider: told by it when it was to deliver; user: written down by one',
});

/** What the owner of an address last said for one purpose. */
export const ConsentSchema = z
  .object({
    purpose: ConsentPurposeSchema,
    status: ConsentStatusSchema,
    source: ConsentSourceSchema,
    /** The client's word, the provider's code, or what a user noted. */
    note: z.string().nullable(),
    /** Which user wrote it down. */
    by: UserIdSchema.nullable(),
    at: InstantSchema,
  })
  .meta({ id: 'Consent' });
export type Consent = z.infer<typeof ConsentSchema>;
