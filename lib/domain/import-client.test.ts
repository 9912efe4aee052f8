import { buildClient, newAct } from '../../test/support/builders.ts';
import { buildRow, expectRefusal, rulesFor, type Cells } from '../../test/support/import-rows.ts';
import { clientAfterRow } from './import-client.ts';
import type { RowError } from './import-row.ts';

const now = new Date('2026-05-17T09:30:00.000Z');
const act = newAct({ now: () => now });
const later = newAct({ tenant: act.tenant, now: () => new Date(now.getTime() + 60_000) });
const rules = rulesFor([]);

describe('a row about a client that there is', () => {
  const before = buildClient(act, {
    lastName: 'Karimova',
    phone: '+998901234567',
    comments: 'old',
    tags: ['vip'],
    contacts: [
      { type: 'email', value: 'ana@example.org' },
      { type: 'phone', value: '+998901112233' },
    ],
    customFields: { size: 'M', visits: 3 },
  });
  const after = (...values: Cells) => clientAfterRow(later, before, buildRow(values), rules)?.client;

  it('replaces what it says, adds contacts and tags, and empties nothing', () => {
    const changed = after(
      ['firstName', 'Anna'],
      ['lastName', ''],
      ['comments', 'new'],
      ['tags', 'new;VIP'],
      ['contact.email', 'ana@example.org;anna@example.org'],
      ['customFields.size', 'L'],
    );
    expect(changed).toMatchObject({
      firstName: 'Anna',
      lastName: 'Karimova',
      phone: '+998901234567',
      comments: 'new',
      tags: ['vip', 'new'],
      customFields: { size: 'L', visits: 3 },
    });
    expect(changed?.version).toBe(before.version + 1);
    expect(changed?.contacts.map(({ value }) => value)).toEqual([
      'ana@example.org',
      '+998901112233',
      'anna@example.org',
    ]);
  });

  it('changes nothing when it says nothing new', () => {
    expect(after(['lastName', 'Karimova'], ['tags', 'VIP'], ['contact.whatsapp', '901112233'])).toBeUndefined();
  });

  it('leaves the phone alone when its number is a contact already', () => {
    expect(after(['phone', '+998901112233'])).toBeUndefined();
    expect(after(['phone', '+998907654321'])?.phone).toBe('+998907654321');
  });

  it('does not allow again what the client itself refused', () => {
    const refusing = clientAfterRow(later, before, buildRow([['optedOut', 'ana@example.org']]), rules);
    expect(refusing?.client.contacts[0]).toMatchObject({ optedOut: true });
  });

  it.each<[string, Cells, RowError['column'], RegExp]>([
    ['no e-mail', [['email', 'ana@']], 'email', /email/i],
    ['a birth in the future', [['dateOfBirth', '2999-01-01']], 'dateOfBirth', /future/],
    ['more tags than it can have', [['tags', Array.from({ length: 50 }, (_, at) => `t${at}`).join(';')]], 'tags', /50/],
    [
      'more contacts than it can have',
      [['contact.email', Array.from({ length: 19 }, (_, at) => `a${at}@example.org`).join(';')]],
      null,
      /20/,
    ],
  ])('is refused with %s', (_, values, column, detail) => {
    expectRefusal(() => after(...values), column, detail);
  });
});
