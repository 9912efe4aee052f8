import * as z from 'zod';
import { TargetSchema } from '../contract/csv-files.ts';
import { ImportSchema, type Import, type Outcome, type Rows } from '../contract/imports.ts';
import { ImportIdSchema, JobIdSchema, type JobId } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import { Failure } from './failure.ts';
import type { ImportColumn } from './import-columns.ts';

export const MAX_ROWS = 100_000;
const KEPT_SECONDS = 30 * 24 * 3600;

/** An import as it is stored. */
export const ImportRecordSchema = ImportSchema.extend({
  /** Counts how often it was started; the rows of each run are reported apart. */
  run: z.int(),
  /** Who works on it, or did so last. */
  jobId: JobIdSchema.nullable(),
  /** The file that the run reads, as it was when it began, and where its first row begins that is no header. */
  file: z.object({ size: z.int(), etag: z.string(), firstRowAt: z.int() }).nullable(),
  columns: z.array(z.object({ index: z.int(), name: z.string(), field: TargetSchema })),
  /** Whether the last run has a report to fetch. */
  hasReport: z.boolean(),
  /** Seconds since 1970; from then on it may be forgotten, and so may what is told of its rows. */
  expiresAt: z.int(),
  revision: z.int(),
});
export type ImportRecord = z.infer<typeof ImportRecordSchema>;

const noRows: Rows = { total: null, done: 0, created: 0, updated: 0, skipped: 0, failed: 0 };

const keptFrom = (act: Act): number => Math.floor(act.now().getTime() / 1000) + KEPT_SECONDS;

export const newImport = (act: Act, name: string | null): ImportRecord => ({
  id: ImportIdSchema.parse(act.newId()),
  name,
  state: 'awaiting-file',
  options: null,
  rows: noRows,
  error: null,
  createdBy: act.actor.id,
  createdAt: instant(act.now()),
  updatedAt: instant(act.now()),
  startedAt: null,
  finishedAt: null,
  version: 1,
  run: 0,
  jobId: null,
  file: null,
  columns: [],
  hasReport: false,
  expiresAt: keptFrom(act),
  revision: 1,
});

const changed = (act: Act, before: ImportRecord, change: Partial<ImportRecord>): ImportRecord => ({
  ...before,
  ...change,
  updatedAt: instant(act.now()),
  expiresAt: keptFrom(act),
  version: before.version + 1,
  revision: before.revision + 1,
});

/** @throws Failure `import.running`, `import.finished` */
export const requireStartable = ({ state }: Pick<Import, 'state'>): void => {
  if (state === 'running') throw new Failure('import.running', 'Wait for its end, or cancel it.');
  if (state === 'done')
    throw new Failure('import.finished', 'Its file is removed. Upload the next one for a new import.');
};

interface Run {
  readonly jobId: JobId;
  readonly options: NonNullable<Import['options']>;
  readonly columns: readonly ImportColumn[];
  readonly file: NonNullable<ImportRecord['file']>;
}

/** @throws Failure `import.running`, `import.finished` */
export const startRun = (act: Act, before: ImportRecord, run: Run): ImportRecord => {
  requireStartable(before);
  return changed(act, before, {
    ...run,
    columns: [...run.columns],
    state: 'running',
    run: before.run + 1,
    rows: noRows,
    error: null,
    hasReport: false,
    startedAt: instant(act.now()),
    finishedAt: null,
  });
};

/** Somebody else goes on where it stopped. @throws Failure `import.not-stopped` */
export const resumeRun = (act: Act, before: ImportRecord, jobId: JobId): ImportRecord => {
  if (before.state !== 'stopped' && before.state !== 'cancelled') {
    throw new Failure('import.not-stopped', 'It was neither cancelled nor broken off.');
  }
  return changed(act, before, { state: 'running', jobId, error: null, finishedAt: null });
};

/** @throws Failure `import.not-running` */
export const cancelRun = (act: Act, before: ImportRecord): ImportRecord => {
  if (before.state !== 'running') throw new Failure('import.not-running', 'There is nothing to stop.');
  return endRun(act, before, 'cancelled');
};

type End = 'checked' | 'done' | 'failed' | 'stopped' | 'cancelled';

/** The run is over, for now or for good. */
export const endRun = (
  act: Act,
  before: ImportRecord,
  state: End,
  change: Partial<Pick<ImportRecord, 'rows' | 'error' | 'hasReport'>> = {},
): ImportRecord => changed(act, before, { ...change, state, finishedAt: instant(act.now()) });

/** Who reads it again sees how far it is; nothing that a user decides changes. */
export const withRows = (act: Act, before: ImportRecord, rows: Rows): ImportRecord => ({
  ...changed(act, before, { rows }),
  version: before.version,
});

const places: Readonly<Record<Outcome, 'created' | 'updated' | 'skipped' | 'failed'>> = {
  created: 'created',
  'would-create': 'created',
  updated: 'updated',
  'would-update': 'updated',
  skipped: 'skipped',
  failed: 'failed',
};

/** The counts after these rows as well. */
export const countOutcomes = (rows: Rows, outcomes: readonly Outcome[]): Rows => {
  const counts = { ...rows };
  for (const outcome of outcomes) {
    counts[places[outcome]] += 1;
    counts.done += 1;
  }
  return counts;
};

/** Where a run stands: what it does, and how far into the file it is. */
export const PositionSchema = z.object({
  phase: z.enum(['counting', 'rows', 'report', 'ending']),
  /** Where the next row begins, and how many rows stand before it. */
  offset: z.int(),
  row: z.int(),
  /** How many rows that are not blank were counted so far. */
  counted: z.int(),
  /** What of the report is written. */
  report: z.object({ uploadId: z.string().nullable(), etags: z.array(z.string()), after: z.string().nullable() }),
});
export type Position = z.infer<typeof PositionSchema>;

export const noReport: Position['report'] = { uploadId: null, etags: [], after: null };

/** Before the first row that is no header. */
export const beforeRows = (
  { file, options }: Pick<ImportRecord, 'file' | 'options'>,
  phase: 'counting' | 'rows',
): Position => ({
  phase,
  offset: file?.firstRowAt ?? 0,
  row: options?.header === true ? 1 : 0,
  counted: 0,
  report: noReport,
});
