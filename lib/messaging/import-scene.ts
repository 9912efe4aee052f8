import type { ImportRow } from '../contract/imports.ts';
import type { ClientId } from '../contract/vocabulary.ts';
import type { Act } from '../domain/act.ts';
import type { ClientRecord } from '../domain/client.ts';
import type { Identity } from '../domain/identity.ts';
import type { RowContent, RowRefused, RowRules } from '../domain/import-row.ts';
import type { ImportRecord } from '../domain/import.ts';

/** A run of an import. */
export interface Scene {
  /** In the name of who started it; what it does correlates by the import's id. */
  readonly act: Act;
  readonly record: ImportRecord;
  readonly rules: RowRules;
  /** Whether a row that cannot be written fails alone. Else it fails the step, which is taken again later. */
  readonly isForgiving: boolean;
}

/** A row that can be read. */
export interface Line {
  readonly row: number;
  readonly content: RowContent;
}

export const nameOf = ({ kind, value }: Identity): string => `${kind} ${value}`;

/** What the table said of many rows at once, a moment ago. */
export interface Known {
  /** By the identity's name. */
  readonly holders: ReadonlyMap<string, ClientId>;
  readonly clients: ReadonlyMap<ClientId, ClientRecord>;
}

type Particulars = Partial<Pick<ImportRow, 'clientId' | 'sameAsRow' | 'errors'>>;

export const became = (row: number, outcome: ImportRow['outcome'], particulars: Particulars = {}): ImportRow => ({
  row,
  outcome,
  clientId: null,
  sameAsRow: null,
  errors: [],
  ...particulars,
});

export const refusedRow = (row: number, { errors }: Pick<RowRefused, 'errors'>): ImportRow =>
  became(row, 'failed', { errors: [...errors] });
