import type { Client } from '../contract/clients.ts';
import { exportedColumns, type ExportColumn } from '../contract/exports.ts';
import { TargetSchema } from '../contract/csv-files.ts';
import { allows } from './consents.ts';
import { joinValues } from './csv.ts';
import type { CustomFieldRecord } from './custom-field.ts';
import { customValue } from './import-forms.ts';

const CONTACT = 'contact.';
const CUSTOM = 'customFields.';
/** What an import takes unless it is told another. */
const SEPARATOR = ';';

/** Can a column have this name, and be found by it again? */
const isColumnName = ({ name, retired }: CustomFieldRecord): boolean =>
  !retired && name.trim() === name && TargetSchema.safeParse(`${CUSTOM}${name}`).success;

/** The names of a file's columns. A custom field that is defined has one of its own, all others share one. */
export const columnNames = (
  chosen: readonly ExportColumn[] = exportedColumns,
  definitions: readonly CustomFieldRecord[],
): string[] => {
  const custom = definitions.filter(isColumnName).map(({ name }) => `${CUSTOM}${name}`);
  return chosen.flatMap((column) => (column === 'customFields' ? [...custom, column] : [column]));
};

/** The value in a cell of its own; undefined where an import would not read the same from it. */
const ownCell = (
  definition: CustomFieldRecord | undefined,
  value: Client['customFields'][string],
): string | undefined => {
  const text = String(value);
  const isRead = text !== '' && text.trim() === text && customValue(definition, text) === value;
  return definition !== undefined && isRead ? text : undefined;
};

/** What the columns of its own leave of a client's custom fields. */
const otherFields = (
  { customFields }: Client,
  columns: readonly string[],
  definitions: readonly CustomFieldRecord[],
): string => {
  const others = Object.entries(customFields).filter(([name, value]) => {
    const definition = definitions.find((each) => each.name === name);
    return !columns.includes(`${CUSTOM}${name}`) || ownCell(definition, value) === undefined;
  });
  return others.length === 0 ? '' : JSON.stringify(Object.fromEntries(others));
};

const addressesThat = (
  client: Client,
  holds: (consents: Client['phoneConsents'], optedOut: boolean) => boolean,
): string => {
  const phone = client.phone !== null && holds(client.phoneConsents, client.phoneOptedOut) ? [client.phone] : [];
  const contacts = client.contacts.filter(({ consents, optedOut }) => holds(consents, optedOut));
  return joinValues([...phone, ...contacts.map(({ value }) => value)], SEPARATOR);
};

const gathered = (
  client: Client,
  column: string,
  columns: readonly string[],
  definitions: readonly CustomFieldRecord[],
): string => {
  switch (column) {
    case 'tags':
      return joinValues(client.tags, SEPARATOR);
    case 'customFields':
      return otherFields(client, columns, definitions);
    case 'optedOut':
      return addressesThat(client, (_, optedOut) => optedOut);
    case 'marketing':
      return addressesThat(client, (consents) => allows(consents, 'marketing'));
    default: {
      const name = column.slice(CUSTOM.length);
      const value = Object.hasOwn(client.customFields, name) ? client.customFields[name] : undefined;
      const definition = definitions.find((each) => each.name === name);
      return value === undefined ? '' : (ownCell(definition, value) ?? '');
    }
  }
};

const cellOf = (
  client: Client,
  column: string,
  columns: readonly string[],
  definitions: readonly CustomFieldRecord[],
): string => {
  if (column.startsWith(CONTACT)) {
    const ofType = client.contacts.filter(({ type }) => `${CONTACT}${type}` === column);
    return joinValues(
      ofType.map(({ value }) => value),
      SEPARATOR,
    );
  }
  const own = new Map<string, unknown>(Object.entries(client)).get(column);
  if (own === null) return '';
  return typeof own === 'string' ? own : gathered(client, column, columns, definitions);
};

/** A client as a row of a file with these columns. An import that reads their names makes the same client of it. */
export const exportRow = (
  client: Client,
  columns: readonly string[],
  definitions: readonly CustomFieldRecord[],
): string[] => columns.map((column) => cellOf(client, column, columns, definitions));
