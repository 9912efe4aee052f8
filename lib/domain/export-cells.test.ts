import fc from 'fast-check';
import { buildClient, newAct } from '../../test/support/builders.ts';
import { NewClientSchema, type Client, type NewClient } from '../contract/clients.ts';
import { NewCustomFieldSchema } from '../contract/custom-fields.ts';
import { Failure } from './failure.ts';
import { withConsents } from './client-consent.ts';
import { newClient, type ClientRecord } from './client.ts';
import { decodeCells, readRows, writeRows } from './csv.ts';
import { newCustomField, requireCustomFields } from './custom-field.ts';
import { columnNames, exportRow } from './export-cells.ts';
import { identityOfContact } from './identity.ts';
import { clientFromRow } from './import-client.ts';
import { mapColumns } from './import-columns.ts';
import { readRow } from './import-row.ts';

const act = newAct();

const define = (name: string, type: 'text' | 'number' | 'date' | 'boolean' | 'choice', choices: string[] = []) =>
  newCustomField(act, NewCustomFieldSchema.parse({ name, type, choices }));

const definitions = [
  define('size', 'text'),
  define('visits', 'number'),
  define('loyal', 'boolean'),
  define('since', 'date'),
  define('colour', 'choice', ['Red', 'Blue']),
];

/** What is left of a client in a file, and of that in another tenant. */
const throughFile = (client: ClientRecord): ClientRecord => {
  const names = columnNames(undefined, definitions);
  const text = writeRows([names, exportRow(client, names, definitions)], ';');
  const [header = [], cells = []] = readRows(Buffer.from(text), ';', true).map(
    (row) => decodeCells(row.cells ?? [], 'utf-8') ?? [],
  );
  const columns = mapColumns({ header, width: header.length });
  const rules = { columns, separator: ';', defaultCountry: null, definitions };
  return clientFromRow(act, readRow(cells, rules), rules).client;
};

/** All that a file carries: not ids, nor when something was, nor who noted what a client said of messages. */
const essence = ({ contacts, ...client }: Client) => ({
  ...Object.fromEntries(
    Object.keys(NewClientSchema.shape).map((field) => [field, new Map(Object.entries(client)).get(field)]),
  ),
  contacts: contacts.map(({ type, value, optedOut }) => `${type} ${value} ${optedOut}`).toSorted(),
  phoneOptedOut: client.phoneOptedOut,
});

const signs = ['a', 'Ў', '😀', '"', ';', ',', "'", '=', '+', '-', '@', '\n', '\r', ' ', '|', '\t', '\\', '{', '0'];
const text = (most: number) =>
  fc
    .array(fc.constantFrom(...signs), { minLength: 1, maxLength: Math.min(most, 12) })
    .map((all) => all.join('').trim())
    .filter((value) => value !== '');
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value);
const phone = fc.integer({ min: 0, max: 9_999_999 }).map((digits) => `+99890${String(digits).padStart(7, '0')}`);

const contact = fc.oneof(
  fc.record({ type: fc.constantFrom('other' as const, 'website' as const), value: text(20) }),
  fc.record({ type: fc.constantFrom('phone' as const, 'whatsapp' as const), value: phone }),
  fc.record({
    type: fc.constant('email' as const),
    value: fc.integer({ min: 0, max: 99 }).map((at) => `a${at}@example.org`),
  }),
);

const customFields = fc.dictionary(
  fc.constantFrom('size', 'visits', 'loyal', 'since', 'colour', 'odd;name', "it's"),
  fc.oneof(
    fc.constantFrom('', ' x ', 'Red', 'red', '2020-01-01', '1.02.2020', 'true', '3', '=1'),
    fc.integer(),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }).filter((n) => n === 0 || Math.abs(n) > 1e-90),
    fc.boolean(),
    fc.constant(null),
  ),
);

const input: fc.Arbitrary<unknown> = fc.record({
  firstName: text(100),
  lastName: maybe(text(100)),
  middleName: maybe(text(100)),
  phone: maybe(phone),
  email: maybe(fc.constant('Ana@example.org')),
  preferredTransport: maybe(fc.constantFrom('sms', 'telegram')),
  address: maybe(text(500)),
  dateOfBirth: maybe(fc.constantFrom('1990-05-17', '2000-02-29')),
  timeZone: maybe(fc.constantFrom('Asia/Tashkent', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5')),
  gender: maybe(fc.constantFrom('male', 'female', 'other')),
  passportId: maybe(text(50)),
  pin: maybe(text(50)),
  comments: maybe(text(5000)),
  tags: fc.uniqueArray(text(50), { maxLength: 4, selector: (tag) => tag.toLowerCase() }),
  contacts: fc.array(contact, { maxLength: 4 }),
  customFields,
});

/** A client, or nothing where the rules for clients refuse it. */
const build = (values: unknown): ClientRecord | undefined => {
  const parsed = NewClientSchema.safeParse(values);
  if (!parsed.success) return undefined;
  try {
    requireCustomFields(definitions, {}, parsed.data.customFields);
    return newClient(act, parsed.data, null);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
};

describe('an exported client', () => {
  it('is the same when it is imported, whatever its fields hold', () => {
    fc.assert(
      fc.property(input, (values) => {
        const client = build(values);
        fc.pre(client !== undefined);
        expect(essence(throughFile(client))).toEqual(essence(client));
      }),
      { numRuns: 300 },
    );
  });

  it('takes along which addresses want no messages, and which want marketing', () => {
    const contacts: NewClient['contacts'] = [
      { type: 'email', value: 'ana@example.org' },
      { type: 'telegram', value: 'ana_k' },
    ];
    const client = buildClient(act, { phone: '+998901234567', contacts });
    const refused = withConsents(act, client, { kind: 'tel', value: '+998901234567' }, [
      { purpose: 'service', status: 'opted-out', source: 'client', note: 'STOP' },
    ]);
    const asked = withConsents(act, refused ?? client, identityOfContact({ type: 'email', value: 'ana@example.org' }), [
      { purpose: 'marketing', status: 'opted-in', source: 'user', note: null },
    ]);
    const imported = throughFile(asked ?? client);
    expect(imported.phoneOptedOut).toBe(true);
    expect(imported.contacts[0]?.consents).toMatchObject([
      { purpose: 'marketing', status: 'opted-in', source: 'import' },
    ]);
    expect(imported.contacts[1]).toMatchObject({ optedOut: false, consents: [] });
  });

  it('has a column for each custom field that is defined, and one for all others', () => {
    const customFields = { size: 'M', visits: 3, loyal: true, since: 'once', odd: 1 };
    const names = columnNames(['firstName', 'customFields'], definitions);
    expect(names).toEqual(['firstName', ...definitions.map(({ name }) => `customFields.${name}`), 'customFields']);
    expect(exportRow(buildClient(act, { customFields }), names, definitions)).toEqual([
      ...['Ana', 'M', '3', 'true', 'once', ''],
      '{"odd":1}',
    ]);
  });

  it('has no column for a custom field that is retired', () => {
    const [size, ...others] = definitions;
    if (size === undefined) throw new Error('There are no definitions.');
    const names = columnNames(['customFields'], [{ ...size, retired: true }, ...others]);
    expect(names).not.toContain('customFields.size');
    expect(exportRow(buildClient(act, { customFields: { size: 'M' } }), names, definitions).at(-1)).toBe(
      '{"size":"M"}',
    );
  });
});
