import * as z from 'zod';
import { ContactTypeSchema, CustomFieldNameSchema } from './clients.ts';
import { InstantSchema } from './vocabulary.ts';

/** Fields of a client that one cell can hold. */
export const ImportedFieldSchema = z.enum([
  'firstName',
  'lastName',
  'middleName',
  'phone',
  'email',
  'preferredTransport',
  'address',
  'dateOfBirth',
  'timeZone',
  'gender',
  'passportId',
  'pin',
  'comments',
]);

const ContactTargetSchema = z.templateLiteral(['contact.', ContactTypeSchema]);

/** Several values, or several fields, in one cell. */
const GatheredSchema = z.enum(['tags', 'customFields', 'optedOut', 'marketing']);

export const TargetSchema = z
  .union([
    ImportedFieldSchema,
    GatheredSchema,
    ContactTargetSchema,
    z.templateLiteral(['customFields.', z.string().min(1).max(64)]),
    z.literal('ignore'),
  ])
  .refine((target) => {
    const [, name] = /^customFields\.(.*)$/s.exec(target) ?? [];
    return name === undefined || CustomFieldNameSchema.safeParse(name).success;
  }, 'is a reserved name')
  .meta({
    id: 'ImportTarget',
    description:
      'A field of the client; `contact.<type>` and `tags`: one or several values; `customFields.<name>`; `customFields`: a JSON object of them; `optedOut`: which of the addresses want no messages; `marketing`: which want marketing; `ignore`',
  });
export type Target = z.infer<typeof TargetSchema>;

export const DelimiterSchema = z.enum([',', ';', '\t', '|']).meta({ id: 'CsvDelimiter' });
export type Delimiter = z.infer<typeof DelimiterSchema>;

export const EncodingSchema = z.enum(['utf-8', 'windows-1251']).meta({ id: 'CsvEncoding' });
export type Encoding = z.infer<typeof EncodingSchema>;

/** Where a file can be fetched, for a few minutes. */
export const SignedLinkSchema = z.object({ url: z.url(), expiresAt: InstantSchema }).meta({ id: 'SignedLink' });
