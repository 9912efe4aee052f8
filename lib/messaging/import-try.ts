import type { ImportRow } from '../contract/imports.ts';
import { checkRow, clientAfterRow, clientFromRow } from '../domain/import-client.ts';
import type { Identity } from '../domain/identity.ts';
import { RowRefused } from '../domain/import-row.ts';
import type { Seen } from '../table/imports.ts';
import { became, nameOf, refusedRow, type Known, type Line, type Scene } from './import-scene.ts';

interface Trial {
  readonly report: ImportRow;
  /** Identities whose holder is known from this row on. */
  readonly found: readonly { readonly identity: Identity; readonly seen: Seen }[];
}

/** Whose client it would be: one that there is, or one that a row would make. */
const ownerOf = (line: Line, known: Known, seen: ReadonlyMap<string, Seen>, identity: Identity): Seen | undefined => {
  const clientId = known.holders.get(nameOf(identity));
  if (clientId !== undefined) return { clientId, row: line.row };
  const before = seen.get(nameOf(identity));
  return before === undefined || before.row >= line.row ? undefined : before;
};

const wordsFor = ({ clientId, row }: Seen): string =>
  clientId === null ? `is held by the client of row ${row}` : `is held by client ${clientId}`;

const without = (report: ImportRow): Trial => ({ report, found: [] });

const judge = (scene: Scene, line: Line, known: Known, owner: Seen | undefined): ImportRow => {
  const { act, record, rules } = scene;
  const { row, content } = line;
  if (owner === undefined) {
    clientFromRow(act, content, rules);
    return became(row, 'would-create');
  }
  const whose = { clientId: owner.clientId, sameAsRow: owner.clientId === null ? owner.row : null };
  if (record.options?.onDuplicate !== 'update') return became(row, 'skipped', whose);
  const client = owner.clientId === null ? undefined : known.clients.get(owner.clientId);
  if (client === undefined) {
    checkRow(act, content, rules);
    return became(row, 'would-update', whose);
  }
  const result = clientAfterRow(act, client, content, rules);
  return became(row, result === undefined ? 'skipped' : 'would-update', whose);
};

/**
 * Says what would become of a row, were those before it imported.
 *
 * @param seen whose the identities of earlier rows would be, by the identity's name
 */
export const tryLine = (scene: Scene, line: Line, known: Known, seen: ReadonlyMap<string, Seen>): Trial => {
  const { row, content } = line;
  const owners = content.identities.map(({ identity }) => ownerOf(line, known, seen, identity));
  const [owner, ...others] = new Map(
    owners.flatMap((each) => (each === undefined ? [] : [[each.clientId ?? each.row, each] as const])),
  ).values();
  if (others.length > 0) {
    const errors = content.identities.flatMap(({ column }, at) => {
      const holder = owners[at];
      return holder === undefined ? [] : [{ column, detail: wordsFor(holder) }];
    });
    return without(became(row, 'failed', { errors }));
  }
  try {
    const report = judge(scene, line, known, owner);
    if (report.outcome !== 'would-create' && report.outcome !== 'would-update') return without(report);
    const seenNow = { row: owner?.clientId === null ? owner.row : row, clientId: owner?.clientId ?? null };
    const fresh = content.identities.filter((_, at) => owners[at] === undefined);
    return { report, found: fresh.map(({ identity }) => ({ identity, seen: seenNow })) };
  } catch (error) {
    if (error instanceof RowRefused) return without(refusedRow(row, error));
    throw error;
  }
};
