import { newAct } from '../../test/support/builders.ts';
import { buildRow, expectRefusal, refusalOf, rulesFor, type Cells } from '../../test/support/import-rows.ts';
import { checkRow, clientFromRow } from './import-client.ts';
import { isBlank, readRow, type RowError } from './import-row.ts';

const act = newAct({ now: () => new Date('2026-05-17T09:30:00.000Z') });
const rules = rulesFor([]);
const made = (...values: Cells) => clientFromRow(act, buildRow([['firstName', 'Ana'], ...values]), rules).client;

describe('a row', () => {
  it('makes a client of all its cells', () => {
    const client = made(
      ['lastName', ' Karimova '],
      ['phone', '90 123 45 67'],
      ['email', 'ana@example.org'],
      ['preferredTransport', 'WhatsApp'],
      ['dateOfBirth', '7.05.1990'],
      ['gender', 'Жен.'],
      ['pin', '317'],
      ['tags', 'vip; new ;VIP'],
      ['contact.email', 'A@example.org;b@example.org'],
      ['contact.telegram', '@ana_k'],
      ['customFields.size', 'M'],
      ['customFields', '{"visits":3,"loyal":true}'],
    );
    expect(client).toMatchObject({
      firstName: 'Ana',
      lastName: 'Karimova',
      phone: '+998901234567',
      email: 'ana@example.org',
      preferredTransport: 'whatsapp',
      dateOfBirth: '1990-05-07',
      gender: 'female',
      pin: '317',
      tags: ['vip', 'new'],
      customFields: { size: 'M', visits: 3, loyal: true },
    });
    expect(client.contacts.map(({ type, value }) => `${type} ${value}`)).toEqual([
      'email a@example.org',
      'email b@example.org',
      'telegram ana_k',
    ]);
  });

  it('takes what looks like a formula for what it is', () => {
    expect(made(['comments', '=1+1'], ['address', "'=2+2"])).toMatchObject({ comments: '=1+1', address: '=2+2' });
  });

  it('may say the same number twice', () => {
    const client = made(
      ['phone', '+998901234567'],
      ['contact.whatsapp', '90 123-45-67'],
      ['contact.phone', '901112233'],
    );
    expect(client.contacts.map(({ value }) => value)).toEqual(['+998901112233']);
  });

  it('is known by its phone, its PIN and its contacts, and says in which column each is', () => {
    const { identities } = buildRow([
      ['phone', '90 123 45 67'],
      ['pin', '317'],
      ['email', 'ana@example.org'],
      ['contact.email', 'Ana@example.org'],
      ['contact.whatsapp', '+998901234567'],
    ]);
    expect(identities).toEqual([
      { identity: { kind: 'tel', value: '+998901234567' }, column: 'phone' },
      { identity: { kind: 'pin', value: '317' }, column: 'pin' },
      { identity: { kind: 'email', value: 'ana@example.org' }, column: 'contact.email' },
    ]);
  });

  it('has values of the types that are defined, however they are written', () => {
    const { client, firstUsed } = clientFromRow(
      act,
      buildRow([
        ['firstName', 'Ana'],
        ['customFields.visits', '1 234,5'],
        ['customFields.loyal', 'Да'],
        ['customFields.since', '1.02.2020'],
        ['customFields.colour', 'red'],
        ['customFields.size', '38'],
      ]),
      rules,
    );
    expect(client.customFields).toEqual({
      visits: 1234.5,
      loyal: true,
      since: '2020-02-01',
      colour: 'Red',
      size: '38',
    });
    expect(firstUsed.map(({ name }) => name)).toEqual(['visits', 'loyal', 'since', 'colour']);
  });

  it('may be shorter than the header', () => {
    const columns = [
      { index: 0, name: 'A', field: 'firstName' as const },
      { index: 9, name: 'B', field: 'phone' as const },
    ];
    const { profile } = readRow(['Ana'], { ...rules, columns });
    expect(profile).toEqual({ firstName: 'Ana' });
  });

  it('without anything in it is blank', () => {
    expect(isBlank([''])).toBe(true);
    expect(isBlank([' ', '\t'])).toBe(true);
    expect(isBlank([' ', 'x'])).toBe(false);
  });

  it('keeps what the client says of messages', () => {
    const client = made(
      ['phone', '+998901234567'],
      ['contact.email', 'ana@example.org'],
      ['optedOut', '90 123 45 67'],
      ['marketing', 'Ana@example.org'],
    );
    expect(client).toMatchObject({
      phoneOptedOut: true,
      phoneConsents: [
        { purpose: 'service', status: 'opted-out', source: 'import' },
        { purpose: 'marketing', status: 'opted-out', source: 'import' },
      ],
      contacts: [{ optedOut: false, consents: [{ purpose: 'marketing', status: 'opted-in', source: 'import' }] }],
    });
  });

  it.each<[string, Cells, RowError['column'], RegExp]>([
    ['no phone', [['phone', '12']], 'phone', /not a phone number/],
    ['no e-mail', [['email', 'ana@']], 'email', /email/i],
    ['no contact of its type', [['contact.email', 'a@example.org;ana']], 'contact.email', /type email/],
    ['a day that there is not', [['dateOfBirth', '30.02.1990']], 'dateOfBirth', /date/i],
    ['a date that can be read in two ways', [['dateOfBirth', '05/06/1990']], 'dateOfBirth', /date/i],
    ['a time zone that there is not', [['timeZone', 'Mars/Olympus']], 'timeZone', /time zone/],
    ['a birth in the future', [['dateOfBirth', '2999-01-01']], 'dateOfBirth', /future/],
    ['no gender', [['gender', 'x']], 'gender', /expected one of/],
    ['no transport', [['preferredTransport', 'pigeon']], 'preferredTransport', /expected one of/],
    ['too much text', [['lastName', 'x'.repeat(101)]], 'lastName', /<=100/],
    ['a tag that is too long', [['tags', 'x'.repeat(51)]], 'tags', /<=50/],
    ['too many tags', [['tags', Array.from({ length: 51 }, (_, at) => `t${at}`).join(';')]], 'tags', /50/],
    ['a quote that is not closed', [['tags', '"vip']], 'tags', /quote/],
    ['a custom field that is no number', [['customFields.visits', 'often']], 'customFields.visits', /number/],
    ['a custom field that is no choice', [['customFields.colour', 'green']], 'customFields.colour', /Red, Blue/],
    ['a custom field of another type', [['customFields', '{"loyal":1}']], 'customFields', /true nor false/],
    ['no JSON', [['customFields', '{']], 'customFields', /JSON/],
    ['JSON that is no object', [['customFields', '[1]']], 'customFields', /JSON/],
    ['a custom field that is too long', [['customFields.size', 'x'.repeat(1001)]], 'customFields.size', /1000/],
    ['the refusal of an address that is not there', [['optedOut', '+998901112233']], 'optedOut', /address/],
    [
      'too many contacts',
      [['contact.email', Array.from({ length: 21 }, (_, at) => `a${at}@example.org`).join(';')]],
      null,
      /20 contacts/,
    ],
  ])('is refused with %s', (_, values, column, detail) => {
    expectRefusal(() => made(...values), column, detail);
    expect(JSON.stringify(refusalOf(() => made(...values)))).not.toContain('x'.repeat(51));
  });

  it('is refused with all that is wrong at once, and quotes nothing', () => {
    const errors = refusalOf(() => made(['phone', 'secret'], ['contact.telegram', 'x y'], ['customFields', 'mine']));
    expect(errors.map(({ column }) => column)).toEqual(['phone', 'contact.telegram', 'customFields']);
    expect(JSON.stringify(errors)).not.toMatch(/secret|x y|mine/);
  });

  it('with more values than any client has is refused before they are compared', () => {
    const many = Array.from({ length: 60_000 }, (_, index) => index.toString(36)).join(';');
    expectRefusal(() => buildRow([['contact.other', many]]), 'contact.other', /more than 100 values/);
    expectRefusal(() => buildRow([['tags', many]]), 'tags', /more than 100 values/);
  });

  it('without a first name makes nobody, and may be about somebody', () => {
    const nameless = buildRow([['phone', '+998901234567']]);
    expectRefusal(() => clientFromRow(act, nameless, rules), null, /first name/);
    expect(refusalOf(() => checkRow(act, nameless, rules))).toEqual([]);
    expectRefusal(() => checkRow(act, buildRow([['email', 'ana@']]), rules), 'email', /email/i);
  });
});
