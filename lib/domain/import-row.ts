import type * as z from 'zod';
import { ContactInputSchema, CustomFieldsSchema, type Client, type ContactInput } from '../contract/clients.ts';
import { ImportedFieldSchema, type Target } from '../contract/csv-files.ts';
import type { ImportRow } from '../contract/imports.ts';
import { splitValues, unguardCell } from './csv.ts';
import type { CustomFieldRecord } from './custom-field.ts';
import { identityOfContact, normalizeContact, normalizePhone, sameIdentity, type Identity } from './identity.ts';
import type { ImportColumn } from './import-columns.ts';
import { customValue, inForm } from './import-forms.ts';

export type RowError = ImportRow['errors'][number];

/** A row cannot become a client. What is told of it names columns, and quotes nothing. */
export class RowRefused extends Error {
  override name = 'RowRefused';
  readonly errors: readonly RowError[];

  constructor(errors: readonly RowError[]) {
    super('The row cannot be imported.');
    this.errors = errors;
  }
}

/** What a row says of a client. What it leaves empty is left out. */
export interface RowContent {
  /** By field, in the form that a request would have. */
  readonly profile: Readonly<Record<string, string>>;
  readonly contacts: readonly ContactInput[];
  readonly tags: readonly string[];
  readonly customFields: Client['customFields'];
  readonly optedOut: readonly string[];
  readonly marketing: readonly string[];
  /** What the client is recognised by. */
  readonly identities: readonly { readonly identity: Identity; readonly column: string }[];
  /** From which column each field comes. */
  readonly columns: readonly ImportColumn[];
}

/** What is the same for all rows of a file. */
export interface RowRules {
  readonly columns: readonly ImportColumn[];
  readonly separator: string;
  /** ISO 3166 code of phone numbers without a country code. */
  readonly defaultCountry: string | null;
  readonly definitions: readonly CustomFieldRecord[];
}

interface Cell extends ImportColumn {
  readonly text: string;
}

const inField = (cells: readonly Cell[], field: Target): Cell[] => cells.filter((cell) => cell.field === field);

/** Gathers what is wrong with a row, so that all of it is told at once. */
class Problems {
  readonly #errors: RowError[] = [];

  add(column: string | null, detail: string): void {
    this.#errors.push({ column, detail });
  }

  /** @throws RowRefused when there are any */
  check(): void {
    if (this.#errors.length > 0) throw new RowRefused(this.#errors);
  }
}

/** More than any field of a client takes. Each is compared with the others, and looked for in the table. */
const MOST_VALUES = 100;

const valuesOf = (cells: readonly Cell[], separator: string, problems: Problems): { text: string; cell: Cell }[] => {
  const all = cells.flatMap((cell) => {
    const values = splitValues(cell.text, separator);
    if (values === undefined) problems.add(cell.name, 'has a quote that is not closed');
    return (values ?? []).map((text) => ({ text, cell }));
  });
  if (all.length <= MOST_VALUES) return all;
  problems.add(all[MOST_VALUES]?.cell.name ?? null, `has more than ${MOST_VALUES} values`);
  return [];
};

const CONTACT = 'contact.';
const PHONE = 'is not a phone number; write it with its country code, as in +998 90 123 45 67';

const phoneOf = (cells: readonly Cell[], country: string | null, problems: Problems): string | undefined => {
  const [cell] = inField(cells, 'phone');
  if (cell === undefined) return undefined;
  const phone = normalizePhone(cell.text, country);
  if (phone === undefined) problems.add(cell.name, PHONE);
  return phone;
};

const contactsOf = (cells: readonly Cell[], { separator, defaultCountry }: RowRules, problems: Problems) => {
  const written = cells.filter(({ field }) => field.startsWith(CONTACT));
  return valuesOf(written, separator, problems).flatMap(({ text, cell }) => {
    const type = cell.field.slice(CONTACT.length);
    const input = ContactInputSchema.safeParse({ type, value: text });
    const value = input.data && normalizeContact(input.data, defaultCountry);
    if (value === undefined) problems.add(cell.name, `is not a contact of type ${type}`);
    return input.data === undefined || value === undefined ? [] : [{ type: input.data.type, value, column: cell.name }];
  });
};

const CUSTOM = 'customFields.';

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const customFieldsOf = (cells: readonly Cell[], { definitions }: RowRules, problems: Problems) => {
  const [others] = inField(cells, 'customFields');
  const parsed = CustomFieldsSchema.safeParse(others === undefined ? {} : jsonOf(others.text));
  if (!parsed.success) problems.add(others?.name ?? null, 'is not a JSON object of custom fields');
  const own = cells.filter(({ field }) => field.startsWith(CUSTOM));
  const values = own.map(({ field, text }) => {
    const name = field.slice(CUSTOM.length);
    return [
      name,
      customValue(
        definitions.find((each) => each.name === name),
        text,
      ),
    ] as const;
  });
  return { ...parsed.data, ...Object.fromEntries(values) };
};

const profileOf = (cells: readonly Cell[], phone: string | undefined): Record<string, string> => ({
  ...Object.fromEntries(
    cells
      .filter(({ field }) => ImportedFieldSchema.safeParse(field).success)
      .map(({ field, text }) => [field, inForm(field, text)]),
  ),
  ...(phone !== undefined && { phone }),
});

interface Held {
  readonly identity: Identity;
  readonly column: string;
  readonly contact?: ContactInput;
}

/** Each once: a number that is called and texted often stands in two columns. */
const distinct = (all: readonly Held[]): Held[] =>
  all.filter(({ identity }, at) => all.findIndex((other) => sameIdentity(identity, other.identity)) === at);

/** @throws RowRefused */
const readCells = (cells: readonly Cell[], rules: RowRules): RowContent => {
  const problems = new Problems();
  const phone = phoneOf(cells, rules.defaultCountry, problems);
  const contacts = contactsOf(cells, rules, problems);
  const customFields = customFieldsOf(cells, rules, problems);
  const several = (field: Target) => valuesOf(inField(cells, field), rules.separator, problems).map(({ text }) => text);
  const [tags, optedOut, marketing] = [several('tags'), several('optedOut'), several('marketing')];
  problems.check();
  const held: Held[] = distinct([
    ...inField(cells, 'phone').map(({ name }) => ({
      identity: { kind: 'tel' as const, value: phone ?? '' },
      column: name,
    })),
    ...inField(cells, 'pin').map(({ text, name }) => ({
      identity: { kind: 'pin' as const, value: text },
      column: name,
    })),
    ...contacts.map(({ column, ...contact }) => ({ identity: identityOfContact(contact), column, contact })),
  ]);
  return {
    profile: profileOf(cells, phone),
    contacts: held.flatMap(({ contact }) => contact ?? []),
    tags,
    customFields,
    optedOut,
    marketing,
    identities: held.map(({ identity, column }) => ({ identity, column })),
    columns: rules.columns,
  };
};

/** Is there nothing in this row? Such rows end many files. */
export const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '');

/**
 * What a row says.
 *
 * @throws RowRefused for what cannot be, whichever client it is about
 */
export const readRow = (cells: readonly string[], rules: RowRules): RowContent =>
  readCells(
    rules.columns
      .map((column) => ({ ...column, text: unguardCell(cells[column.index] ?? '').trim() }))
      .filter(({ text }) => text !== ''),
    rules,
  );

/** The column that a problem at this path of a client comes from. */
export const columnAt = ({ columns }: Pick<RowContent, 'columns'>, path: readonly PropertyKey[]): string | null => {
  const [field = '', part = ''] = path.map(String);
  const known =
    columns.find((column) => column.field === `${field}.${part}`) ?? columns.find((column) => column.field === field);
  return known?.name ?? null;
};

/** The issues of a schema as problems of a row. */
export const refusedBy = (row: RowContent, { issues }: z.core.$ZodError): RowRefused =>
  new RowRefused(issues.map(({ path, message }) => ({ column: columnAt(row, path), detail: message })));
