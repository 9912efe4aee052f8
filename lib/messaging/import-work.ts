import { FileGone } from '../cloud/long-files.ts';
import { removeSheet, reportKey, SheetGone } from '../cloud/sheets.ts';
import type { ImportRow } from '../contract/imports.ts';
import { ImportIdSchema } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { Unreadable, writeRows } from '../domain/csv.ts';
import {
  beforeRows,
  countOutcomes,
  endRun,
  MAX_ROWS,
  noReport,
  PositionSchema,
  withRows,
  type ImportRecord,
  type Position,
} from '../domain/import.ts';
import type { JobRecord } from '../domain/job.ts';
import { importEvent } from '../domain/occurrence.ts';
import { knownCustomFields } from '../table/custom-fields.ts';
import { changeImport, findImport, readReport } from '../table/imports.ts';
import { knownSettings } from '../table/settings.ts';
import { importBatch } from './import-batch.ts';
import { readPlaced } from './import-file.ts';
import type { Scene } from './import-scene.ts';
import type { JobStep, JobWork } from './jobs.ts';
import { writeSheetPart } from './sheet-parts.ts';
import { inLots } from './side-by-side.ts';

/** Well below the lease of a job. */
const STEP_MS = 3_000;
const BATCH = 50;

/** Where a run stands after a step that it goes on from. */
const goOn = (act: Act, before: ImportRecord, position: Position, rows = before.rows): JobStep => ({
  next: 'go-on',
  position,
  progress: { done: rows.done, total: rows.total },
  also: changeImport(act.tenant, before, withRows(act, before, rows)),
});

const end = (act: Act, before: ImportRecord, after: ImportRecord, position: unknown): JobStep => ({
  next: 'done',
  position,
  progress: { done: after.rows.done, total: after.rows.total },
  also: changeImport(act.tenant, before, after, importEvent(act, 'ImportFinished', after, before)),
});

/** The file cannot be imported so, and trying again would not help. */
const fail = (act: Act, before: ImportRecord, position: Position, code: string, detail: string): JobStep =>
  end(act, before, endRun(act, before, 'failed', { error: { code, detail } }), position);

const isAtEnd = ({ file }: ImportRecord, offset: number): boolean => file === null || offset >= file.size;

/** Is a step's time over? Not before it got ahead: one that begins late, or reads for long, would get nowhere for ever. */
const isTimeUp = (act: Act, until: number, position: Position, offset: number): boolean =>
  offset > position.offset && act.now().getTime() >= until;

/** Counts rows before the first is imported, so that a file with too many changes nothing. */
const countRows = async (act: Act, record: ImportRecord, position: Position): Promise<JobStep> => {
  const until = act.now().getTime() + STEP_MS;
  let { offset, row, counted } = position;
  while (!isAtEnd(record, offset) && !isTimeUp(act, until, position, offset)) {
    const placed = await readPlaced(act.tenant, record, { offset, row });
    counted += placed.filter(({ isBlank }) => !isBlank).length;
    if (counted > MAX_ROWS) {
      const detail = `The file has more than ${MAX_ROWS} rows. Divide it.`;
      return fail(act, record, position, 'import.too-many-rows', detail);
    }
    offset = placed.at(-1)?.end ?? offset;
    row = placed.at(-1)?.row ?? row;
  }
  if (!isAtEnd(record, offset)) return goOn(act, record, { ...position, offset, row, counted });
  return goOn(act, record, beforeRows(record, 'rows'), { ...record.rows, total: counted });
};

/** So often in a row, over two minutes, may a step come to nothing because of one row. */
const PATIENCE = 6;

const sceneOf = async (act: Act, record: ImportRecord, failures: number): Promise<Scene> => {
  const [{ defaultCountry }, definitions] = await Promise.all([
    knownSettings(act.tenant),
    knownCustomFields(act.tenant),
  ]);
  const separator = record.options?.separator ?? ';';
  const isForgiving = failures >= PATIENCE;
  return { act, record, isForgiving, rules: { columns: record.columns, separator, defaultCountry, definitions } };
};

/** Imports rows for a few seconds. Whatever of it is not saved as done is found in what is reported of each row. */
const importRows = async (act: Act, record: ImportRecord, position: Position, failures: number): Promise<JobStep> => {
  const until = act.now().getTime() + STEP_MS;
  const scene = await sceneOf(act, record, failures);
  let { offset, row } = position;
  let { rows } = record;
  while (!isAtEnd(record, offset) && !isTimeUp(act, until, position, offset)) {
    const placed = await readPlaced(act.tenant, record, { offset, row });
    for (const lot of inLots(placed, BATCH)) {
      if (isTimeUp(act, until, position, offset)) break;
      const outcomes = await importBatch(
        scene,
        lot.filter(({ isBlank }) => !isBlank),
      );
      rows = countOutcomes(rows, outcomes);
      offset = lot.at(-1)?.end ?? offset;
      row = lot.at(-1)?.row ?? row;
    }
  }
  const phase = isAtEnd(record, offset) ? 'report' : 'rows';
  return goOn(act, record, { ...position, phase, offset, row }, rows);
};

const lineOf = ({ row, outcome, clientId, sameAsRow, errors }: ImportRow): string[] => [
  String(row),
  outcome,
  clientId ?? '',
  sameAsRow === null ? '' : String(sameAsRow),
  errors.map(({ column, detail }) => (column === null ? detail : `${column}: ${detail}`)).join('; '),
];

const writeReport = async (act: Act, record: ImportRecord, position: Position): Promise<JobStep> => {
  const { report } = position;
  const file = {
    key: reportKey(act.tenant, record.id, record.run),
    name: 'import-report.csv',
    header: writeRows([['row', 'outcome', 'clientId', 'sameAsRow', 'errors']], ','),
  };
  try {
    const { uploadId, etags, next } = await writeSheetPart(file, report, report.after ?? '', async (after) => {
      const page = await readReport(act.tenant, record, after === '' ? null : after);
      return { text: writeRows(page.rows.map(lineOf), ','), next: page.next };
    });
    const phase = next === undefined ? 'ending' : 'report';
    return goOn(act, record, { ...position, phase, report: { uploadId, etags, after: next ?? null } });
  } catch (error) {
    if (!(error instanceof FileGone)) throw error;
    // Completed by a step whose end was not saved: it is written once more.
    return goOn(act, record, { ...position, report: noReport });
  }
};

/** What was imported is not kept as a file: it is personal, and the clients are there. */
const finish = async (act: Act, record: ImportRecord, position: Position): Promise<JobStep> => {
  const isTrial = record.options?.dryRun === true;
  if (!isTrial) await removeSheet(act.tenant, record.id);
  return end(act, record, endRun(act, record, isTrial ? 'checked' : 'done', { hasReport: true }), position);
};

const phases = { counting: countRows, rows: importRows, report: writeReport, ending: finish } as const;

/** The import that a job works on; undefined when it was cancelled, or somebody else goes on with it. */
const findOwn = async (act: Act, job: JobRecord): Promise<ImportRecord | undefined> => {
  const record = await findImport(act.tenant, ImportIdSchema.parse(job.subjectId));
  return record?.state === 'running' && record.jobId === job.id ? record : undefined;
};

const step = async (act: Act, job: JobRecord): Promise<JobStep> => {
  const record = await findOwn(act, job);
  if (record === undefined) return { next: 'done', position: job.position };
  const position = PositionSchema.parse(job.position);
  try {
    return await phases[position.phase](act, record, position, job.failures);
  } catch (error) {
    if (error instanceof Unreadable) {
      return fail(act, record, position, 'import.unreadable', 'A line of the file has no end: it is no CSV.');
    }
    if (!(error instanceof SheetGone)) throw error;
    return fail(act, record, position, 'import.no-file', 'The file was removed or replaced while it was read.');
  }
};

/** Counts the rows of a file, imports them, writes the report, and removes the file, each in steps of a few seconds. */
export const importWork: JobWork = {
  step,
  giveUp: async (act, job) => {
    const before = await findOwn(act, job);
    if (before === undefined) return [];
    const error = { code: 'import.interrupted', detail: 'It came to nothing many times. Resume it later.' };
    const after = endRun(act, before, 'stopped', { error });
    return changeImport(act.tenant, before, after, importEvent(act, 'ImportFinished', after, before));
  },
};
