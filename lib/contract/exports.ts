import * as z from 'zod';
import { TagSchema } from './clients.ts';
import { DelimiterSchema, SignedLinkSchema } from './csv-files.ts';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { InstantSchema, JobIdSchema, SegmentIdSchema } from './vocabulary.ts';

export const exportedColumns = [
  'id',
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
  'tags',
  'contact.email',
  'contact.phone',
  'contact.telegram',
  'contact.whatsapp',
  'contact.instagram',
  'contact.website',
  'contact.other',
  'customFields',
  'optedOut',
  'marketing',
  'createdAt',
  'updatedAt',
] as const;

const ColumnSchema = z.enum(exportedColumns).meta({
  id: 'ExportColumn',
  description: '`customFields` is a column for each that is defined, and one for all others as JSON',
});
export type ExportColumn = z.infer<typeof ColumnSchema>;

export const NewExportSchema = z
  .strictObject({
    filter: z
      .strictObject({ tag: TagSchema.optional(), segmentId: SegmentIdSchema.optional() })
      .default({})
      .meta({ description: 'Both: clients that are in the segment and have the tag' }),
    columns: z
      .array(ColumnSchema)
      .min(1)
      .max(exportedColumns.length)
      .refine((columns) => new Set(columns).size === columns.length, 'names a column twice')
      .optional()
      .meta({ description: 'Left out: all' }),
    delimiter: DelimiterSchema.default(','),
  })
  .meta({ id: 'NewExport' });
export type NewExport = z.infer<typeof NewExportSchema>;

export const ExportSchema = z
  .object({
    id: JobIdSchema,
    state: z.enum(['queued', 'running', 'done', 'failed', 'expired']).meta({ id: 'ExportState' }),
    filter: NewExportSchema.shape.filter,
    rows: z.int().meta({ description: 'How many clients are in the file so far' }),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    createdBy: z.string(),
    createdAt: InstantSchema,
    finishedAt: InstantSchema.nullable(),
    expiresAt: InstantSchema.nullable().meta({ description: 'When the file is removed' }),
  })
  .meta({ id: 'Export' });
export type Export = z.infer<typeof ExportSchema>;

const tag = 'Import and export';
const permission = 'Privacy.Export';

export const createExport = route({
  id: 'createExport',
  method: 'POST',
  path: '/crm/exports',
  tag,
  summary: 'Writes clients to a CSV file',
  permission,
  body: NewExportSchema.prefault({}),
  result: ExportSchema,
  statuses: [202],
  problems: ['export.no-segment'],
  creates: true,
});

export const listExports = route({
  id: 'listExports',
  method: 'GET',
  path: '/crm/exports',
  tag,
  summary: 'Lists exports, newest first',
  permission,
  query: PageQuerySchema,
  result: pageOf(ExportSchema),
  problems: ['cursor.invalid'],
});

export const getExport = route({
  id: 'getExport',
  method: 'GET',
  path: '/crm/exports/{exportId}',
  tag,
  summary: 'Says how an export stands and, once it is done, where its file is',
  permission,
  params: z.strictObject({ exportId: JobIdSchema }),
  result: ExportSchema.extend({ file: SignedLinkSchema.nullable() }),
  problems: ['resource.not-found'],
});
