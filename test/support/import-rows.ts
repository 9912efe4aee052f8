import type { Target } from '../../lib/contract/csv-files.ts';
import { NewCustomFieldSchema, type CustomField } from '../../lib/contract/custom-fields.ts';
import { newCustomField } from '../../lib/domain/custom-field.ts';
import { readRow, RowRefused, type RowContent, type RowError, type RowRules } from '../../lib/domain/import-row.ts';
import { newAct } from './builders.ts';

/** Cells, each with the field that its column goes to. */
export type Cells = readonly (readonly [field: Target, cell: string])[];

const define = (name: string, type: CustomField['type'], choices: string[] = []) =>
  newCustomField(newAct(), NewCustomFieldSchema.parse({ name, type, choices }));

const definitions = [
  define('visits', 'number'),
  define('loyal', 'boolean'),
  define('since', 'date'),
  define('colour', 'choice', ['Red', 'Blue']),
];

/** Columns that are called as their fields. */
export const rulesFor = (cells: Cells): RowRules => ({
  columns: cells.map(([field], index) => ({ index, name: field, field })),
  separator: ';',
  defaultCountry: 'UZ',
  definitions,
});

export const buildRow = (cells: Cells): RowContent =>
  readRow(
    cells.map(([, cell]) => cell),
    rulesFor(cells),
  );

/** What a row is refused for; nothing when it is not. */
export const refusalOf = (work: () => unknown): readonly RowError[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof RowRefused) return error.errors;
    throw error;
  }
  return [];
};

/** Exactly one thing is wrong. */
export const expectRefusal = (work: () => unknown, column: string | null, detail: RegExp): void => {
  const errors = refusalOf(work);
  expect(errors.map((error) => error.column)).toEqual([column]);
  expect(errors[0]?.detail).toMatch(detail);
};
