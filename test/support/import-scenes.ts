import type { Target } from '../../lib/contract/csv-files.ts';
import { StartImportSchema } from '../../lib/contract/imports.ts';
import type { Act } from '../../lib/domain/act.ts';
import { newImport, type ImportRecord } from '../../lib/domain/import.ts';
import type { FileRow } from '../../lib/messaging/import-batch.ts';
import type { Scene } from '../../lib/messaging/import-scene.ts';
import { newAct } from './builders.ts';

const fields: readonly Target[] = ['firstName', 'phone', 'pin', 'tags'];

type Options = Partial<Pick<NonNullable<ImportRecord['options']>, 'dryRun' | 'onDuplicate'>>;

/** A run of an import that no job knows of: who builds it is its only worker. */
export const buildImportScene = (options: Options = {}, act: Act = newAct()): Scene => {
  const mapping = fields.map((field, index) => ({ column: index + 1, field }));
  const said = StartImportSchema.parse({ mapping, delimiter: ',', encoding: 'utf-8', ...options });
  const columns = fields.map((field, index) => ({ index, name: field, field }));
  const { delimiter = ',', encoding = 'utf-8' } = said;
  const record = { ...newImport(act, null), run: 1, columns, options: { ...said, mapping, delimiter, encoding } };
  return { act, record, isForgiving: false, rules: { columns, separator: ';', defaultCountry: 'UZ', definitions: [] } };
};

/** Cells of a first name, a phone, a PIN and tags, as rows of a file. */
export const fileRows = (cells: readonly (readonly string[])[]): FileRow[] =>
  cells.map((each, at) => ({ row: at + 1, cells: each }));
