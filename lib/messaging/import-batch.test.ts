import fc from 'fast-check';
import { newAct } from '../../test/support/builders.ts';
import { buildImportScene, fileRows } from '../../test/support/import-scenes.ts';
import { newPhone, unique } from '../../test/support/random.ts';
import type { ImportRow, Outcome } from '../contract/imports.ts';
import { ClientIdSchema } from '../contract/vocabulary.ts';
import { Failure } from '../domain/failure.ts';
import { findClient, listClients } from '../table/clients.ts';
import { findHolder } from '../table/identities.ts';
import { readReport } from '../table/imports.ts';
import { identityKey } from '../table/keys.ts';
import { commit, put } from '../table/transaction.ts';
import { groupLines, importBatch, type FileRow } from './import-batch.ts';
import type { Line, Scene } from './import-scene.ts';

const reportOf = async ({ act, record }: Scene): Promise<ImportRow[]> =>
  (await readReport(act.tenant, record, null)).rows;

const clientsOf = async ({ act }: Scene) => (await listClients(act.tenant, 'newest', { limit: 100 })).items;

const counted = (outcomes: readonly Outcome[]): Partial<Record<Outcome, number>> =>
  Object.fromEntries([...Map.groupBy(outcomes, (outcome) => outcome)].map(([outcome, all]) => [outcome, all.length]));

const people = (count: number): FileRow[] => fileRows(Array.from({ length: count }, () => ['Ana', newPhone(), '', '']));

describe('a batch of rows', () => {
  it('is imported once, however often it is', async () => {
    const scene = buildImportScene({ onDuplicate: 'update' });
    const rows = people(30);
    expect(counted(await importBatch(scene, rows))).toEqual({ created: 30 });
    const [before, report] = [await clientsOf(scene), await reportOf(scene)];
    expect(counted(await importBatch(scene, rows))).toEqual({ created: 30 });
    expect(await clientsOf(scene)).toEqual(before);
    expect(await reportOf(scene)).toEqual(report);
  });

  it('is imported once by many workers at the same time, who all count the same', async () => {
    const scene = buildImportScene({ onDuplicate: 'update' });
    const phone = newPhone();
    const rows = fileRows([
      ...Array.from({ length: 20 }, () => ['Ana', newPhone(), '', '']),
      ...Array.from({ length: 5 }, (_, at) => ['Olim', phone, '', `t${at}`]),
      ...Array.from({ length: 5 }, () => ['Bad', '12', '', '']),
    ]);
    const all = await Promise.all([1, 2, 3].map(() => importBatch(scene, rows)));
    for (const outcomes of all) expect(counted(outcomes)).toEqual({ created: 21, updated: 4, failed: 5 });
    expect(await clientsOf(scene)).toHaveLength(21);
    const report = await reportOf(scene);
    expect(report.map(({ row }) => row)).toEqual(rows.map(({ row }) => row));
    expect(new Set(report.flatMap(({ clientId }) => clientId ?? [])).size).toBe(21);
  });

  it('goes on after a worker that handled half of it', async () => {
    const scene = buildImportScene();
    const rows = people(20);
    await importBatch(scene, rows.slice(0, 9));
    expect(counted(await importBatch(scene, rows))).toEqual({ created: 20 });
    expect(await clientsOf(scene)).toHaveLength(20);
  });

  it('finds rows about one client by whatever it is known', async () => {
    const scene = buildImportScene({ onDuplicate: 'update' });
    const [phone, pin] = [newPhone(), unique('pin')];
    const rows = fileRows([
      ['Ana', phone, '', 'a'],
      ['Ana', phone, pin, 'b'],
      ['Ana', '', pin, 'c'],
      ['Olim', newPhone(), '', ''],
      ['', newPhone(), pin, 'd'],
    ]);
    expect(counted(await importBatch(scene, rows))).toEqual({ created: 2, updated: 3 });
    const holder = await findHolder(scene.act.tenant, { kind: 'pin', value: pin });
    const client = holder && (await findClient(scene.act.tenant, holder));
    expect(client?.tags).toEqual(['a', 'b', 'c', 'd']);
  });

  it('becomes what a try said, whoever is in it', async () => {
    const some = (prefix: string) => fc.constantFrom('', ...[1, 2, 3].map((at) => `${prefix}${at}`));
    const people = fc.array(fc.tuple(some('+99890123456'), some('pin-')), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(people, async (all) => {
        const rows = fileRows(all.map(([phone, pin]) => ['Ana', phone, pin, '']));
        const trial = buildImportScene({ dryRun: true });
        for (const row of rows) await importBatch(trial, [row]);
        const scene = buildImportScene({}, trial.act);
        await importBatch(scene, rows);
        const tried = (await reportOf(trial)).map(({ outcome }) => outcome.replace('would-create', 'created'));
        expect((await reportOf(scene)).map(({ outcome }) => outcome)).toEqual(tried);
      }),
      { numRuns: 8 },
    );
  });

  it('tells of each row what a try told, with duplicates in batches before', async () => {
    const trial = buildImportScene({ dryRun: true, onDuplicate: 'update' });
    const [phone, pin] = [newPhone(), unique('pin')];
    const rows = fileRows([
      ['Ana', phone, '', 'a'],
      ['Bad', '12', '', ''],
      ['Ana', phone, pin, 'b'],
      ['Ana', '', pin, 'c'],
      ['', '', '', 'x'],
    ]);
    const halves = [rows.slice(0, 2), rows.slice(2)];
    const tried: Outcome[] = [];
    for (const half of halves) tried.push(...(await importBatch(trial, half)));
    expect(counted(tried)).toEqual({ 'would-create': 1, 'would-update': 2, failed: 2 });
    expect((await reportOf(trial)).map(({ sameAsRow }) => sameAsRow)).toEqual([null, null, 1, 1, null]);
    for (const half of halves) expect(await importBatch(trial, half)).toHaveLength(half.length);
    expect((await reportOf(trial)).map(({ outcome }) => outcome)).toEqual([
      'would-create',
      'failed',
      'would-update',
      'would-update',
      'failed',
    ]);
    expect(await clientsOf(trial)).toEqual([]);
    const scene = buildImportScene({ onDuplicate: 'update' }, trial.act);
    for (const half of halves) await importBatch(scene, half);
    expect((await reportOf(scene)).map(({ outcome }) => outcome.replace('would-', ''))).toEqual([
      'created',
      'failed',
      'updated',
      'updated',
      'failed',
    ]);
  });
});

describe('a row that cannot be written', () => {
  it('fails the batch at first, and alone when that was tried often enough', async () => {
    const scene = buildImportScene({ onDuplicate: 'update' });
    const phone = newPhone();
    // Whose it is, is not there.
    const clientId = ClientIdSchema.parse(scene.act.newId());
    const lost = { ...identityKey(scene.act.tenant, { kind: 'tel', value: phone }), clientId };
    await commit(scene.act.tenant, [put(lost)]);
    const rows = fileRows([
      ['Ana', phone, '', ''],
      ['Olim', newPhone(), '', ''],
    ]);
    await expect(importBatch(scene, rows)).rejects.toThrow(Failure);
    expect(counted(await importBatch({ ...scene, isForgiving: true }, rows))).toEqual({ failed: 1, created: 1 });
  });
});

describe('rows', () => {
  const line = (row: number, ...values: string[]): Line => ({
    row,
    content: {
      profile: {},
      contacts: [],
      tags: [],
      customFields: {},
      optedOut: [],
      marketing: [],
      columns: [],
      identities: values.map((value) => ({ identity: { kind: 'other', value }, column: 'A' })),
    },
  });
  const groups = (lines: readonly Line[], holders: Parameters<typeof groupLines>[1]['holders'] = new Map()) =>
    groupLines(lines, { holders }).map((group) => group.map(({ row }) => row));

  it('that have nothing in common stand alone', () => {
    expect(groups([line(1, 'a'), line(2), line(3, 'b'), line(4)])).toEqual([[1], [2], [3], [4]]);
  });

  it('that may be about one client stand together in their order, also by way of others', () => {
    const lines = [line(1, 'a'), line(2, 'b'), line(3, 'c', 'd'), line(4, 'b', 'a'), line(5, 'd'), line(6, 'a')];
    expect(groups(lines)).toEqual([
      [1, 2, 4, 6],
      [3, 5],
    ]);
  });

  it('that one client holds stand together', () => {
    const holder = ClientIdSchema.parse(newAct().newId());
    const holders = new Map([
      ['other x', holder],
      ['other z', holder],
    ]);
    expect(groups([line(1, 'x'), line(2, 'y'), line(3, 'z')], holders)).toEqual([[1, 3], [2]]);
  });
});
