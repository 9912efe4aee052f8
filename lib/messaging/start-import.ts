import { findSheet, type Sheet } from '../cloud/sheets.ts';
import type { Columns, StartImport } from '../contract/imports.ts';
import type { ImportId, JobId, TenantId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import { Failure } from '../domain/failure.ts';
import { describeColumns, mapColumns } from '../domain/import-columns.ts';
import {
  beforeRows,
  cancelRun,
  PositionSchema,
  requireStartable,
  resumeRun,
  startRun,
  type ImportRecord,
  type Position,
} from '../domain/import.ts';
import { importEvent } from '../domain/occurrence.ts';
import { changeImport, getImport } from '../table/imports.ts';
import { findJob, startJob } from '../table/jobs.ts';
import { commit, untilUndisturbed, type Step } from '../table/transaction.ts';
import { openSheet } from './import-file.ts';

/** @throws Failure `import.no-file` */
const getSheet = async (tenant: TenantId, id: ImportId): Promise<Sheet> => {
  const sheet = await findSheet(tenant, id);
  if (sheet !== undefined) return sheet;
  throw new Failure('import.no-file', 'Upload the file first. One that is not imported is removed after 7 days.');
};

type Wishes = Pick<StartImport, 'delimiter' | 'encoding' | 'header'>;

/**
 * What a person needs to see of the file to say where its columns go.
 *
 * @throws Failure `resource.not-found`, `import.no-file`, `import.unreadable`
 */
export const listColumns = async (tenant: TenantId, id: ImportId, wishes: Wishes): Promise<Columns> => {
  await getImport(tenant, id);
  const { delimiter, encoding, header, rows } = await openSheet(tenant, id, await getSheet(tenant, id), wishes);
  return { delimiter, encoding, header: header !== null, columns: describeColumns(header, rows) };
};

/** Gives what makes a request happen once, for the import that it answers with. */
type Remember = (record: ImportRecord) => Step[];

/** Puts a worker on an import, from a position on. */
const begin = async (
  act: Act,
  before: ImportRecord,
  position: Position,
  start: (jobId: JobId) => ImportRecord,
  remember: Remember = () => [],
): Promise<ImportRecord> => {
  // What is done to clients belongs to the import.
  const own: Act = { ...act, correlationId: before.id };
  const { job, steps } = startJob(own, { kind: 'clients-import', subjectId: before.id, position });
  const after = start(job.id);
  await commit(act.tenant, [
    ...remember(after),
    ...changeImport(act.tenant, before, after, importEvent(act, 'ImportStarted', after, before)),
    ...steps,
  ]);
  return after;
};

/**
 * Starts a run of an import over the file that is uploaded now. One read, and one transaction.
 *
 * @throws Failure `resource.not-found`, `import.running`, `import.finished`, `import.no-file`, `import.unreadable`, `import.mapping`
 */
export const startImport = (act: Act, id: ImportId, wishes: StartImport, remember: Remember): Promise<ImportRecord> =>
  untilUndisturbed(async () => {
    const before = await getImport(act.tenant, id);
    requireStartable(before);
    const sheet = await getSheet(act.tenant, id);
    const { delimiter, encoding, header, firstRowAt, rows } = await openSheet(act.tenant, id, sheet, wishes);
    const width = Math.max(header?.length ?? 0, ...rows.map((row) => row.length));
    const columns = mapColumns({ header, width }, wishes.mapping);
    const mapping = columns.map(({ index, field }) => ({ column: index + 1, field }));
    const options = { ...wishes, delimiter, encoding, mapping: wishes.mapping ?? mapping };
    const file = { ...sheet, firstRowAt };
    const position = beforeRows({ file, options }, 'counting');
    return begin(act, before, position, (jobId) => startRun(act, before, { jobId, options, columns, file }), remember);
  });

/**
 * Goes on with a run where it stopped. Two reads and one transaction.
 *
 * @throws Failure `resource.not-found`, `import.not-stopped`
 */
export const resumeImport = (act: Act, id: ImportId): Promise<ImportRecord> =>
  untilUndisturbed(async () => {
    const before = await getImport(act.tenant, id);
    const last = before.jobId === null ? undefined : await findJob(act.tenant, before.jobId);
    const position = PositionSchema.safeParse(last?.position).data ?? beforeRows(before, 'counting');
    return begin(act, before, position, (jobId) => resumeRun(act, before, jobId));
  });

/**
 * Stops a run; rows that are being written at this moment are still written. One read and one transaction.
 *
 * @throws Failure `resource.not-found`, `import.not-running`
 */
export const cancelImport = (act: Act, id: ImportId): Promise<ImportRecord> =>
  untilUndisturbed(async () => {
    const before = await getImport(act.tenant, id);
    const after = cancelRun(act, before);
    await commit(
      act.tenant,
      changeImport(act.tenant, before, after, importEvent(act, 'ImportFinished', after, before)),
    );
    return after;
  });
