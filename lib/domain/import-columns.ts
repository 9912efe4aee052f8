import { ImportedFieldSchema, TargetSchema, type Target } from '../contract/csv-files.ts';
import type { Columns, Mapping } from '../contract/imports.ts';
import { Failure } from './failure.ts';

/** A column that goes somewhere: where in a row it stands, what users call it, and to which field it goes. */
export interface ImportColumn {
  readonly index: number;
  readonly name: string;
  readonly field: Target;
}

/** What people call the fields, in English, Russian and Uzbek, letters and digits alone. */
const names: Readonly<Record<string, readonly string[]>> = {
  firstName: ['name', 'firstname', 'givenname', 'имя', 'ism', 'ismi', 'исм', 'исми'],
  lastName: ['lastname', 'surname', 'familyname', 'фамилия', 'familiya', 'familiyasi', 'фамилияси'],
  middleName: ['middlename', 'patronymic', 'отчество', 'otasiningismi', 'sharif', 'sharifi', 'отасинингисми', 'шарифи'],
  phone: [
    ...['phone', 'phonenumber', 'mobile', 'mobilephone', 'cell', 'tel', 'telephone'],
    ...['телефон', 'номертелефона', 'мобильный', 'мобильныйтелефон', 'тел', 'сотовый'],
    ...['telefon', 'telefonraqami', 'telefonraqam', 'raqam', 'телефонрақами', 'рақам'],
  ],
  email: ['email', 'mail', 'emailaddress', 'почта', 'электроннаяпочта', 'имейл', 'elektronpochta', 'pochta'],
  address: ['address', 'адрес', 'manzil', 'manzili', 'манзил'],
  dateOfBirth: [
    ...['dateofbirth', 'birthdate', 'birthday', 'dob', 'датарождения', 'деньрождения'],
    ...['tugilgansana', 'tugilgansanasi', 'tugilgankun', 'туғилгансана', 'туғилгансанаси'],
  ],
  timeZone: ['timezone', 'tz', 'часовойпояс', 'vaqtmintaqasi', 'soatmintaqasi', 'вақтминтақаси'],
  gender: ['gender', 'sex', 'пол', 'jins', 'jinsi', 'жинс', 'жинси'],
  passportId: ['passportid', 'passport', 'passportnumber', 'паспорт', 'номерпаспорта', 'pasport', 'pasportraqami'],
  pin: ['pin', 'pinfl', 'jshshir', 'пинфл', 'жшшир', 'personalid', 'personalnumber'],
  comments: [
    'comments',
    'comment',
    'notes',
    'note',
    'remark',
    'комментарий',
    'комментарии',
    'примечание',
    'izoh',
    'изоҳ',
  ],
  tags: ['tags', 'tag', 'labels', 'label', 'метки', 'теги', 'тег', 'teglar', 'teg', 'теглар'],
  'contact.telegram': ['telegram', 'телеграм', 'телеграмм'],
  'contact.whatsapp': ['whatsapp', 'ватсап', 'вотсап'],
  'contact.instagram': ['instagram', 'инстаграм'],
  'contact.website': ['website', 'site', 'url', 'сайт', 'sayt', 'вебсайт'],
  preferredTransport: ['preferredtransport', 'preferredchannel'],
};

const plain = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    // A turned comma above, as in oʻ, counts as a letter.
    .replace(/[^\p{L}\p{N}]|\p{Lm}/gu, '');

const byName = new Map(
  Object.entries(names).flatMap(([field, all]) => all.map((name) => [name, TargetSchema.parse(field)] as const)),
);

/** May only one column go there? */
const isSingle = (field: Target): boolean =>
  ImportedFieldSchema.safeParse(field).success || field.startsWith('customFields');

/** A second phone or e-mail of a client is a contact of its. */
const another: Readonly<Partial<Record<Target, Target>>> = { phone: 'contact.phone', email: 'contact.email' };

const suggestionFor = (name: string, taken: readonly Target[]): Target => {
  const exact = TargetSchema.safeParse(name.trim());
  const field = exact.success ? exact.data : (byName.get(plain(name)) ?? 'ignore');
  if (!isSingle(field) || !taken.includes(field)) return field;
  return another[field] ?? 'ignore';
};

/** Where columns of these names seem to belong; what has no known name is ignored. */
export const suggestFields = (header: readonly string[]): Target[] =>
  header.reduce<Target[]>((fields, name) => [...fields, suggestionFor(name, fields)], []);

const refusal = (index: number, detail: string): Failure =>
  new Failure('import.mapping', 'The columns do not fit the file: see errors.', {
    errors: [{ pointer: `/mapping/${index}/column`, detail }],
  });

/** @param header null: the columns have no names, only numbers */
const placeOf = (column: string | number, header: readonly string[] | null, width: number, index: number): number => {
  if (typeof column === 'number') {
    if (column > width) throw refusal(index, `is beyond the last column, ${width}`);
    return column - 1;
  }
  if (header === null) throw refusal(index, 'has to be a number: the file has no header');
  const place = header.indexOf(column);
  if (place === -1) throw refusal(index, 'is in no column of the header');
  if (header.includes(column, place + 1)) throw refusal(index, 'is the name of two columns; say its number');
  return place;
};

/** The first row of a file. */
interface Head {
  /** The names; null where the file has none. */
  readonly header: readonly string[] | null;
  readonly width: number;
}

const suggested = ({ header }: Head): Mapping =>
  suggestFields(header ?? []).map((field, index) => ({ column: index + 1, field }));

const NAME_LENGTH = 200;

/** What a column is called wherever it is told of: in the import, and with what is wrong in each row. */
const shortened = (name: string): string =>
  name.length <= NAME_LENGTH ? name : `${name.slice(0, NAME_LENGTH - 1).toWellFormed()}…`;

/**
 * The columns of a file that go somewhere.
 *
 * @param mapping undefined: as the header suggests
 * @throws Failure `import.mapping` where they do not fit the file, or go nowhere
 */
export const mapColumns = (head: Head, mapping: Mapping = suggested(head)): ImportColumn[] => {
  const { header, width } = head;
  const columns = mapping.map(({ column, field }, index) => {
    const place = placeOf(column, header, width, index);
    return { index: place, name: shortened(header?.[place] ?? String(place + 1)), field };
  });
  for (const [index, { index: place, field }] of columns.entries()) {
    const before = columns.slice(0, index);
    if (before.some((other) => other.index === place)) throw refusal(index, 'is mapped twice');
    if (isSingle(field) && before.some((other) => other.field === field))
      throw refusal(index, `goes to ${field}, as another column does`);
  }
  const used = columns.filter(({ field }) => field !== 'ignore');
  if (used.length > 0) return used;
  throw new Failure('import.mapping', 'No column goes to a field of a client. Say with a mapping which does.', {
    errors: [{ pointer: '/mapping', detail: 'leads to no field' }],
  });
};

const SAMPLES = 3;
const SAMPLE_LENGTH = 100;

/** What a person needs to see to say where each column goes. */
export const describeColumns = (
  header: readonly string[] | null,
  rows: readonly (readonly string[])[],
): Columns['columns'] => {
  const width = Math.max(header?.length ?? 0, ...rows.map((row) => row.length));
  const suggestions = suggestFields(header ?? []);
  return Array.from({ length: width }, (_, index) => ({
    number: index + 1,
    name: header?.[index] ?? null,
    samples: rows.slice(0, SAMPLES).map((row) => (row[index] ?? '').slice(0, SAMPLE_LENGTH).toWellFormed()),
    suggestion: suggestions[index] ?? 'ignore',
  }));
};
