import type { ImportRow } from '../contract/imports.ts';
import type { ClientId } from '../contract/vocabulary.ts';
import { newChat } from '../domain/chat.ts';
import type { ClientRecord } from '../domain/client.ts';
import { Failure } from '../domain/failure.ts';
import { clientAfterRow, clientFromRow, type RowResult } from '../domain/import-client.ts';
import { RowRefused } from '../domain/import-row.ts';
import { clientEvent } from '../domain/occurrence.ts';
import { changeSteps, getClient, insertionSteps } from '../table/clients.ts';
import { knownCustomFields, useCustomFields } from '../table/custom-fields.ts';
import { findHolders } from '../table/identities.ts';
import { reportRow, RowHandled } from '../table/imports.ts';
import { announce } from '../table/outbox.ts';
import { commit, Raced, untilUndisturbed, type Step } from '../table/transaction.ts';
import { became, nameOf, refusedRow, type Known, type Line, type Scene } from './import-scene.ts';

/** What became of a row, and whether that is written down already, with what it made. */
export interface Handled {
  readonly report: ImportRow;
  readonly isWritten: boolean;
}

const unwritten = (report: ImportRow): Handled => ({ report, isWritten: false });

/** Refusals that say no more than that the table is not as it was read. */
const passing: readonly string[] = [
  'contact.duplicate',
  'client.pin-duplicate',
  'resource.not-found',
  'client.absorbed',
];

const write = async ({ act, record }: Scene, report: ImportRow, result: RowResult, steps: readonly Step[]) => {
  // The report comes first, so that a row that is handled already is told from one that meets another's client.
  const whole = [reportRow(act.tenant, record, report), ...steps, ...useCustomFields(act.tenant, result.firstUsed)];
  await commit(act.tenant, whole);
  return { report, isWritten: true };
};

const create = (scene: Scene, { row, content }: Line): Promise<Handled> => {
  const { act } = scene;
  const result = clientFromRow(act, content, scene.rules);
  const { client } = result;
  return write(scene, became(row, 'created', { clientId: client.id }), result, [
    ...insertionSteps(act.tenant, client, newChat(act, client)),
    announce(clientEvent(act, 'ClientCreated', client)),
  ]);
};

const change = async (scene: Scene, { row, content }: Line, before: ClientRecord): Promise<Handled> => {
  const { act } = scene;
  const result = clientAfterRow(act, before, content, scene.rules);
  if (result === undefined) return unwritten(became(row, 'skipped', { clientId: before.id }));
  const { client } = result;
  const event = clientEvent(act, 'ClientUpdated', client, before);
  return write(
    scene,
    became(row, 'updated', { clientId: before.id }),
    result,
    changeSteps(act.tenant, before, client, event),
  );
};

const handle = async (scene: Scene, line: Line, known: Known | undefined): Promise<Handled> => {
  const { act, record } = scene;
  const { row, content } = line;
  const all = content.identities.map(({ identity }) => identity);
  const holders: readonly (ClientId | undefined)[] =
    known === undefined ? await findHolders(act.tenant, all) : all.map((each) => known.holders.get(nameOf(each)));
  const [id, ...others] = new Set(holders.filter((holder) => holder !== undefined));
  if (others.length > 0) {
    const errors = content.identities.flatMap(({ column }, at) =>
      holders[at] === undefined ? [] : [{ column, detail: `is held by client ${holders[at]}` }],
    );
    return unwritten(became(row, 'failed', { errors }));
  }
  if (id === undefined) return create(scene, line);
  if (record.options?.onDuplicate !== 'update') return unwritten(became(row, 'skipped', { clientId: id }));
  return change(scene, line, known?.clients.get(id) ?? (await getClient(act.tenant, id)));
};

const attempt = async (scene: Scene, line: Line, known: Known | undefined): Promise<Handled> => {
  const definitions = await knownCustomFields(scene.act.tenant);
  try {
    return await handle({ ...scene, rules: { ...scene.rules, definitions } }, line, known);
  } catch (error) {
    if (error instanceof RowRefused) return unwritten(refusedRow(line.row, error));
    throw error instanceof Failure && passing.includes(error.code) ? new Raced('A client changed.') : error;
  }
};

const givenUp = (row: number): ImportRow =>
  became(row, 'failed', { errors: [{ column: null, detail: 'could not be written, though it was tried many times' }] });

/**
 * Does with a row what the import says.
 *
 * @param known what was read of the table before; undefined when an earlier row may have changed it
 * @throws RowHandled when somebody else has done so
 */
export const importLine = async (scene: Scene, line: Line, known: Known | undefined): Promise<Handled> => {
  let fresh = known;
  try {
    return await untilUndisturbed(() => {
      const first = fresh;
      fresh = undefined;
      return attempt(scene, line, first);
    });
  } catch (error) {
    if (error instanceof RowHandled || !scene.isForgiving) throw error;
    return unwritten(givenUp(line.row));
  }
};
