import * as z from 'zod';
import { DelimiterSchema, EncodingSchema, SignedLinkSchema, TargetSchema } from './csv-files.ts';
import { pageOf, PageQuerySchema, route } from './route.ts';
import { ClientIdSchema, ImportIdSchema, InstantSchema } from './vocabulary.ts';

/** How a file is read. What is left out is found out from its beginning. */
const reading = {
  delimiter: DelimiterSchema.optional(),
  encoding: EncodingSchema.optional(),
  header: z.stringbool().default(true).meta({ description: 'Whether the first row names the columns' }),
};

/** A file with more is none that people made. */
export const MAX_COLUMNS = 500;

const ColumnSchema = z.union([z.string().min(1).max(200), z.int().min(1).max(MAX_COLUMNS)]).meta({
  id: 'CsvColumn',
  description: 'Its name in the header, or its number, counted from 1',
});

export const MappingSchema = z
  .array(z.strictObject({ column: ColumnSchema, field: TargetSchema }))
  .min(1)
  .max(MAX_COLUMNS);
export type Mapping = z.infer<typeof MappingSchema>;

export const StartImportSchema = z
  .strictObject({
    ...reading,
    header: z.boolean().default(true),
    mapping: MappingSchema.optional().meta({ description: 'Left out: as the names of the columns suggest' }),
    dryRun: z
      .boolean()
      .default(false)
      .meta({ description: 'Changes nothing and reports what would become of each row' }),
    onDuplicate: z.enum(['skip', 'update']).default('skip').meta({
      description: 'What becomes of a row whose phone, PIN or contact a client holds. An empty cell empties nothing',
    }),
    separator: z.enum([',', ';', '|', '/']).default(';').meta({ description: 'Between several values in one cell' }),
  })
  .meta({ id: 'StartImport' });
export type StartImport = z.infer<typeof StartImportSchema>;

const ImportStateSchema = z
  .enum(['awaiting-file', 'running', 'checked', 'done', 'failed', 'stopped', 'cancelled'])
  .meta({
    id: 'ImportState',
    description:
      'checked: a dry run is over. failed: the file cannot be imported so. stopped: broken off by trouble of ours; it can be resumed, as can what was cancelled',
  });

const RowsSchema = z.object({
  total: z.int().nullable().meta({ description: 'null: not counted yet' }),
  done: z.int(),
  created: z.int().meta({ description: 'In a dry run: would be created' }),
  updated: z.int(),
  skipped: z.int(),
  failed: z.int(),
});
export type Rows = z.infer<typeof RowsSchema>;

export const ImportSchema = z
  .object({
    id: ImportIdSchema,
    name: z.string().nullable(),
    state: ImportStateSchema,
    /** How the last run reads the file; null before the first. */
    options: StartImportSchema.required({ mapping: true, delimiter: true, encoding: true }).nullable(),
    rows: RowsSchema,
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    createdBy: z.string(),
    createdAt: InstantSchema,
    updatedAt: InstantSchema,
    startedAt: InstantSchema.nullable(),
    finishedAt: InstantSchema.nullable(),
    version: z.int(),
  })
  .meta({ id: 'Import' });
export type Import = z.infer<typeof ImportSchema>;

/** A form to be posted with the file as its last part, called `file`. */
const UploadFormSchema = z.object({
  url: z.url(),
  fields: z.record(z.string(), z.string()),
  expiresAt: InstantSchema,
});

const OutcomeSchema = z
  .enum(['created', 'updated', 'skipped', 'failed', 'would-create', 'would-update'])
  .meta({ id: 'ImportOutcome' });
export type Outcome = z.infer<typeof OutcomeSchema>;

/** What became of a row. It quotes nothing of what the row says. */
export const ImportRowSchema = z
  .object({
    row: z.int().meta({ description: 'As a spreadsheet counts, from 1, the header included' }),
    outcome: OutcomeSchema,
    clientId: ClientIdSchema.nullable(),
    sameAsRow: z.int().nullable().meta({ description: 'In a dry run: the row that would make the client first' }),
    errors: z.array(z.object({ column: z.string().nullable(), detail: z.string() })),
  })
  .meta({ id: 'ImportRow' });
export type ImportRow = z.infer<typeof ImportRowSchema>;

const ColumnsSchema = z
  .object({
    delimiter: DelimiterSchema,
    encoding: EncodingSchema,
    header: z.boolean(),
    columns: z.array(
      z.object({
        number: z.int(),
        name: z.string().nullable(),
        samples: z.array(z.string()).meta({ description: 'Of the first rows' }),
        suggestion: TargetSchema,
      }),
    ),
  })
  .meta({ id: 'ImportColumns' });
export type Columns = z.infer<typeof ColumnsSchema>;

const importPath = z.strictObject({ importId: ImportIdSchema });
const tag = 'Import and export';
// Files of clients are for those who may carry many of them in and out: managers and admins.
const permission = 'Privacy.Export';

export const createImport = route({
  id: 'createImport',
  method: 'POST',
  path: '/crm/imports',
  tag,
  summary: 'Prepares an import of clients, and says where its CSV file is to be uploaded (at most 50 MB)',
  permission,
  body: z.strictObject({ name: z.string().trim().min(1).max(200).nullable().default(null) }).default({ name: null }),
  result: ImportSchema.extend({ upload: UploadFormSchema }),
  statuses: [201],
  creates: true,
});

export const listImports = route({
  id: 'listImports',
  method: 'GET',
  path: '/crm/imports',
  tag,
  summary: 'Lists imports, newest first',
  permission,
  query: PageQuerySchema,
  result: pageOf(ImportSchema),
  problems: ['cursor.invalid'],
});

export const getImport = route({
  id: 'getImport',
  method: 'GET',
  path: '/crm/imports/{importId}',
  tag,
  summary: 'Says how an import stands',
  permission,
  params: importPath,
  result: ImportSchema,
  problems: ['resource.not-found'],
});

export const listImportColumns = route({
  id: 'listImportColumns',
  method: 'GET',
  path: '/crm/imports/{importId}/columns',
  tag,
  summary: "Shows the uploaded file's columns, and suggests where each goes",
  permission,
  params: importPath,
  query: z.strictObject(reading),
  result: ColumnsSchema,
  problems: ['resource.not-found', 'import.no-file', 'import.unreadable'],
});

export const startImport = route({
  id: 'startImport',
  method: 'POST',
  path: '/crm/imports/{importId}/start',
  tag,
  summary: 'Imports the uploaded file, or tries it',
  permission,
  params: importPath,
  body: StartImportSchema.prefault({}),
  result: ImportSchema,
  statuses: [202],
  problems: [
    'resource.not-found',
    'import.no-file',
    'import.unreadable',
    'import.mapping',
    'import.running',
    'import.finished',
  ],
  creates: true,
});

export const cancelImport = route({
  id: 'cancelImport',
  method: 'POST',
  path: '/crm/imports/{importId}/cancel',
  tag,
  summary: 'Stops an import; what it did stays done',
  permission,
  params: importPath,
  result: ImportSchema,
  problems: ['resource.not-found', 'import.not-running'],
});

export const resumeImport = route({
  id: 'resumeImport',
  method: 'POST',
  path: '/crm/imports/{importId}/resume',
  tag,
  summary: 'Goes on with an import that was cancelled, or broken off',
  permission,
  params: importPath,
  result: ImportSchema,
  statuses: [202],
  problems: ['resource.not-found', 'import.not-stopped'],
});

export const listImportRows = route({
  id: 'listImportRows',
  method: 'GET',
  path: '/crm/imports/{importId}/rows',
  tag,
  summary: 'Says what became of each row in the last run',
  permission,
  params: importPath,
  query: PageQuerySchema.extend({ outcome: OutcomeSchema.optional() }),
  result: pageOf(ImportRowSchema),
  problems: ['resource.not-found', 'cursor.invalid'],
});

export const getImportReport = route({
  id: 'getImportReport',
  method: 'GET',
  path: '/crm/imports/{importId}/report',
  tag,
  summary: 'Gives the address of a CSV file of what became of each row',
  permission,
  params: importPath,
  result: SignedLinkSchema,
  problems: ['resource.not-found', 'import.unfinished'],
});
