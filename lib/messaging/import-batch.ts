import type { ImportRow, Outcome } from '../contract/imports.ts';
import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import { decodeCells } from '../domain/csv.ts';
import type { Identity } from '../domain/identity.ts';
import { readRow, RowRefused } from '../domain/import-row.ts';
import type { ImportRecord } from '../domain/import.ts';
import { findClients } from '../table/clients.ts';
import { findHolders } from '../table/identities.ts';
import { findReported, findSeen, noteSeen, reportRow, RowHandled, type Seen } from '../table/imports.ts';
import { commit, type Step } from '../table/transaction.ts';
import { importLine, type Handled } from './import-line.ts';
import { nameOf, refusedRow, type Known, type Line, type Scene } from './import-scene.ts';
import { tryLine } from './import-try.ts';
import { inLots, sideBySide } from './side-by-side.ts';

/** A row as the file has it, with its number; a byte a character. `cells` is null where quotes do not match. */
export interface FileRow {
  readonly row: number;
  readonly cells: readonly string[] | null;
}

/** What a transaction, or one read of many items, takes. */
const LOT = 100;
/** How many rows are written at once: what a function has time for while the table answers. */
const AT_ONCE = 10;

const readLine = ({ record, rules }: Scene, { row, cells }: FileRow): Line | ImportRow => {
  const refused = (detail: string): ImportRow => refusedRow(row, { errors: [{ column: null, detail }] });
  if (cells === null) return refused('has a quote where none may be, or one that is not closed');
  const encoding = record.options?.encoding ?? 'utf-8';
  const text = decodeCells(cells, encoding);
  if (text === undefined) return refused(`is not in ${encoding}; start again with the encoding that it is in`);
  try {
    return { row, content: readRow(text, rules) };
  } catch (error) {
    if (error instanceof RowRefused) return refusedRow(row, error);
    throw error;
  }
};

const distinctIdentities = (lines: readonly Line[]): Identity[] => {
  const all = lines.flatMap(({ content }) => content.identities.map(({ identity }) => identity));
  return [...new Map(all.map((identity) => [nameOf(identity), identity])).values()];
};

const inMap = <Value>(identities: readonly Identity[], values: readonly (Value | undefined)[]): Map<string, Value> =>
  new Map(
    identities.flatMap((identity, at) => {
      const value = values[at];
      return value === undefined ? [] : [[nameOf(identity), value] as const];
    }),
  );

const lookUp = async <Value>(
  identities: readonly Identity[],
  find: (lot: readonly Identity[]) => Promise<(Value | undefined)[]>,
): Promise<Map<string, Value>> => {
  const found = await Promise.all(inLots(identities, LOT).map(find));
  return inMap(identities, found.flat());
};

const findKnown = async (tenant: TenantId, record: ImportRecord, identities: readonly Identity[]): Promise<Known> => {
  const holders = await lookUp(identities, (lot) => findHolders(tenant, lot));
  const ids = record.options?.onDuplicate === 'update' ? [...new Set<ClientId>(holders.values())] : [];
  const found = await Promise.all(inLots(ids, LOT).map((lot) => findClients(tenant, lot)));
  const active = found.flat().filter(({ state }) => state === 'active');
  return { holders, clients: new Map(active.map((client) => [client.id, client])) };
};

/** Lines that are, or may be, about one client, each in the order of the file. */
export const groupLines = (lines: readonly Line[], { holders }: Pick<Known, 'holders'>): Line[][] => {
  const firstWith = new Map<string, Line>();
  const before = new Map<Line, Line>();
  const firstOf = (line: Line): Line => {
    const earlier = before.get(line);
    return earlier === undefined ? line : firstOf(earlier);
  };
  for (const line of lines) {
    const names = line.content.identities.map(({ identity }) => nameOf(identity));
    for (const key of [...names, ...names.flatMap((name) => holders.get(name) ?? [])]) {
      const [one, other] = [firstOf(firstWith.get(key) ?? line), firstOf(line)];
      if (one !== other) before.set(other, one);
      firstWith.set(key, one);
    }
  }
  return [...Map.groupBy(lines, firstOf).values()];
};

/** Writes reports that stand for themselves, each once. @returns whether somebody else had written some */
const report = async (
  { act, record }: Scene,
  rows: readonly ImportRow[],
  also: readonly Step[] = [],
): Promise<boolean> => {
  const write = (steps: readonly Step[]) => commit(act.tenant, steps);
  for (const lot of inLots(also, LOT)) await write(lot);
  let isDisturbed = false;
  for (const lot of inLots(rows, LOT)) {
    const steps = lot.map((row) => reportRow(act.tenant, record, row));
    try {
      await write(steps);
    } catch (error) {
      if (!(error instanceof RowHandled)) throw error;
      isDisturbed = true;
      for (const step of steps) await write([step]).catch(ignoreHandled);
    }
  }
  return isDisturbed;
};

const ignoreHandled = (error: unknown): undefined => {
  if (!(error instanceof RowHandled)) throw error;
};

interface Batch {
  readonly outcomes: readonly Outcome[];
  /** Whether somebody else works on the same rows. */
  readonly isDisturbed: boolean;
}

/** Imports lines that may be about one client, one after the other. Undefined for one that somebody else has handled. */
const importGroup = async (scene: Scene, group: readonly Line[], known: Known): Promise<(Handled | undefined)[]> => {
  const handled: (Handled | undefined)[] = [];
  for (const [at, line] of group.entries()) {
    handled.push(await importLine(scene, line, at === 0 ? known : undefined).catch(ignoreHandled));
  }
  return handled;
};

const importLines = async (scene: Scene, lines: readonly Line[], unreadable: readonly ImportRow[]): Promise<Batch> => {
  const known = await findKnown(scene.act.tenant, scene.record, distinctIdentities(lines));
  const groups = groupLines(lines, known);
  const handled = (await sideBySide(AT_ONCE, groups, (group) => importGroup(scene, group, known))).flat();
  const own = handled.filter((each) => each !== undefined);
  const unwritten = own.filter(({ isWritten }) => !isWritten).map((each) => each.report);
  const isDisturbed = await report(scene, [...unreadable, ...unwritten]);
  return {
    outcomes: [...unreadable, ...own.map((each) => each.report)].map(({ outcome }) => outcome),
    isDisturbed: isDisturbed || own.length < handled.length,
  };
};

const tryLines = async (scene: Scene, lines: readonly Line[], unreadable: readonly ImportRow[]): Promise<Batch> => {
  const { act, record } = scene;
  const identities = distinctIdentities(lines);
  const [known, seen] = await Promise.all([
    findKnown(act.tenant, record, identities),
    lookUp<Seen>(identities, (lot) => findSeen(act.tenant, record, lot)),
  ]);
  const reports: ImportRow[] = [...unreadable];
  const notes: Step[] = [];
  for (const line of lines) {
    const trial = tryLine(scene, line, known, seen);
    reports.push(trial.report);
    for (const { identity, seen: owner } of trial.found) {
      seen.set(nameOf(identity), owner);
      notes.push(noteSeen(act.tenant, record, identity, owner, act.now()));
    }
  }
  return { outcomes: reports.map(({ outcome }) => outcome), isDisturbed: await report(scene, reports, notes) };
};

const isLine = (line: Line | ImportRow): line is Line => 'content' in line;
const isReport = (line: Line | ImportRow): line is ImportRow => !isLine(line);

/**
 * Imports rows, or tries them, and writes down what became of each: those that a worker before has handled are left alone.
 *
 * @param rows so few that they take a second or two, in the order of the file
 * @returns what became of each, in no order
 */
export const importBatch = async (scene: Scene, rows: readonly FileRow[]): Promise<readonly Outcome[]> => {
  const [first, last] = [rows[0]?.row, rows.at(-1)?.row];
  if (first === undefined || last === undefined) return [];
  const { act, record } = scene;
  const reported = await findReported(act.tenant, record, first, last);
  const read = rows.filter(({ row }) => !reported.has(row)).map((row) => readLine(scene, row));
  const work = record.options?.dryRun === true ? tryLines : importLines;
  const { outcomes, isDisturbed } = await work(scene, read.filter(isLine), read.filter(isReport));
  if (!isDisturbed) return [...reported.values(), ...outcomes];
  return [...(await findReported(act.tenant, record, first, last)).values()];
};
