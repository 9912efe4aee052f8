import { newAct } from '../../test/support/builders.ts';
import { newPhone } from '../../test/support/random.ts';
import { postFile } from '../../test/support/sheets.ts';
import { findSheet, removeSheet, signSheet } from '../cloud/sheets.ts';
import { StartImportSchema } from '../contract/imports.ts';
import type { Act } from '../domain/act.ts';
import { mapColumns } from '../domain/import-columns.ts';
import { beforeRows, newImport, startRun, type ImportRecord } from '../domain/import.ts';
import { newJob, type JobRecord } from '../domain/job.ts';
import { importEvent } from '../domain/occurrence.ts';
import { listClients } from '../table/clients.ts';
import { getImport, insertImport, readReport } from '../table/imports.ts';
import { commit, Raced } from '../table/transaction.ts';
import { openSheet } from './import-file.ts';
import { importWork } from './import-work.ts';
import { cancelImport } from './start-import.ts';

const HOUR = 3600;

const upload = async ({ tenant }: Act, { id }: Pick<ImportRecord, 'id'>, text: string) => {
  expect(await postFile(await signSheet(tenant, id, 60), text)).toBe(204);
  const sheet = await findSheet(tenant, id);
  if (sheet === undefined) throw new Error('Nothing was uploaded.');
  return sheet;
};

/** An import that runs, with a job that no queue knows of: the test is its only worker. */
const begin = async (text: string, wishes: Readonly<Record<string, unknown>> = {}) => {
  const act = newAct();
  const before = newImport(act, null);
  const sheet = await upload(act, before, text);
  const said = StartImportSchema.parse(wishes);
  const { delimiter, encoding, header, firstRowAt } = await openSheet(act.tenant, before.id, sheet, said);
  const columns = mapColumns({ header, width: header?.length ?? 0 });
  const mapping = columns.map(({ name: column, field }) => ({ column, field }));
  const options = { ...said, delimiter, encoding, mapping };
  const file = { ...sheet, firstRowAt };
  const position = beforeRows({ file, options }, 'counting');
  const job = newJob(act, { kind: 'clients-import', subjectId: before.id, position }, HOUR);
  const record = startRun(act, before, { jobId: job.id, options, columns, file });
  await insertImport(act.tenant, record, importEvent(act, 'ImportStarted', record), []);
  return { act, job, id: record.id };
};

/** Takes a step and saves what it came to, as the job's worker does. */
const take = async (act: Act, job: JobRecord): Promise<{ job: JobRecord; isOver: boolean }> => {
  const { next, position, also = [] } = await importWork.step(act, job);
  if (also.length > 0) await commit(act.tenant, also);
  return { job: { ...job, position }, isOver: next === 'done' };
};

const finish = async (act: Act, first: JobRecord): Promise<void> => {
  for (let [job, isOver] = [first, false]; !isOver;) ({ job, isOver } = await take(act, job));
};

const people = (count: number): string =>
  `name,phone\n${Array.from({ length: count }, () => `Ana,${newPhone()}`).join('\n')}\n`;

const clientsOf = async ({ tenant }: Act) => (await listClients(tenant, 'newest', { limit: 100 })).items;

it('a step that was not saved is taken again, and does everything once', async () => {
  const { act, job, id } = await begin(people(15));
  let current = job;
  for (let isOver = false; !isOver;) {
    await importWork.step(act, current);
    ({ job: current, isOver } = await take(act, current));
  }
  const record = await getImport(act.tenant, id);
  expect(record).toMatchObject({ state: 'done', rows: { total: 15, done: 15, created: 15 }, hasReport: true });
  expect(await clientsOf(act)).toHaveLength(15);
  expect((await readReport(act.tenant, record, null)).rows).toHaveLength(15);
});

it('two workers of one job do everything once, and one of them saves it', async () => {
  const { act, job, id } = await begin(people(15), { onDuplicate: 'update' });
  const { job: counted } = await take(act, job);
  const steps = await Promise.all([importWork.step(act, counted), importWork.step(act, counted)]);
  await commit(act.tenant, steps[0].also ?? []);
  await expect(commit(act.tenant, steps[1].also ?? [])).rejects.toThrow(Raced);
  await finish(act, { ...counted, position: steps[0].position });
  expect(await getImport(act.tenant, id)).toMatchObject({ state: 'done', rows: { done: 15, created: 15, updated: 0 } });
  expect(await clientsOf(act)).toHaveLength(15);
});

it('gets ahead with every step, however little time it has', async () => {
  const { act, job, id } = await begin(people(60));
  let now = Date.now();
  const hurried: Act = { ...act, now: () => new Date((now += 10_000)) };
  let current = job;
  for (let steps = 0; steps < 5; steps += 1) ({ job: current } = await take(hurried, current));
  expect(await getImport(act.tenant, id)).toMatchObject({ state: 'done', rows: { done: 60, created: 60 } });
});

it('an import that was cancelled is left alone', async () => {
  const { act, job, id } = await begin(people(3));
  const { job: counted } = await take(act, job);
  const cancelled = await cancelImport(act, id);
  expect(await importWork.step(act, counted)).toEqual({ next: 'done', position: counted.position });
  expect(await getImport(act.tenant, id)).toEqual(cancelled);
  expect(await clientsOf(act)).toEqual([]);
});

it.each([
  ['replaced', (act: Act, id: ImportRecord['id']) => upload(act, { id }, people(4))],
  ['removed', (act: Act, id: ImportRecord['id']) => removeSheet(act.tenant, id)],
])('a file that was %s meanwhile fails the import, and is not read', async (_, disturb) => {
  const { act, job, id } = await begin(people(3));
  const { job: counted } = await take(act, job);
  await disturb(act, id);
  expect((await take(act, counted)).isOver).toBe(true);
  expect(await getImport(act.tenant, id)).toMatchObject({ state: 'failed', error: { code: 'import.no-file' } });
  expect(await clientsOf(act)).toEqual([]);
});

it('a line without an end, far into the file, fails the import before it changes anything', async () => {
  const { act, job, id } = await begin(`${people(20_000)}${'x'.repeat(600_000)}`);
  expect((await take(act, job)).isOver).toBe(true);
  expect(await getImport(act.tenant, id)).toMatchObject({ state: 'failed', error: { code: 'import.unreadable' } });
});

it('an import whose job is given up can be resumed', async () => {
  const { act, job, id } = await begin(people(1));
  await commit(act.tenant, (await importWork.giveUp?.(act, { ...job, state: 'failed' })) ?? []);
  expect(await getImport(act.tenant, id)).toMatchObject({ state: 'stopped', error: { code: 'import.interrupted' } });
});

it('keeps the file of a dry run, and removes that of an import', async () => {
  const trial = await begin(people(2), { dryRun: true });
  await finish(trial.act, trial.job);
  expect(await getImport(trial.act.tenant, trial.id)).toMatchObject({ state: 'checked', rows: { created: 2 } });
  expect(await findSheet(trial.act.tenant, trial.id)).toBeDefined();
  const { act, job, id } = await begin(people(2));
  await finish(act, job);
  expect(await findSheet(act.tenant, id)).toBeUndefined();
});
