import { buildClient, clientInput, clientProfile, newAct } from '../../test/support/builders.ts';
import { newPhone } from '../../test/support/random.ts';
import type { ContactInput } from '../contract/clients.ts';
import {
  addContact,
  addressOn,
  clientFromSender,
  identitiesOf,
  newClient,
  removeContact,
  replaceContact,
  replaceProfile,
  withState,
  type ClientRecord,
} from './client.ts';
import { Failure } from './failure.ts';

const act = newAct();
const later = newAct({ tenant: act.tenant, now: () => new Date(Date.now() + 60_000) });

const email = (value: string): ContactInput => ({ type: 'email', value });
const withContacts = (count: number): ClientRecord =>
  buildClient(act, { contacts: Array.from({ length: count }, (_, index) => email(`a${index}@example.org`)) });

const failureOf = (work: () => unknown): Failure => {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
};

describe('a new client', () => {
  it('has its phone as E.164, distinct tags and version 1', () => {
    const client = newClient(act, clientInput({ phone: '90 123 45 67', tags: ['vip', 'VIP', 'new'] }), 'UZ');
    expect(client).toMatchObject({ phone: '+998901234567', tags: ['vip', 'new'], version: 1, revision: 1 });
    expect(client).toMatchObject({ state: 'active', phoneOptedOut: false });
  });

  it.each([
    ['a phone that is none', { phone: 'call me' }, '/phone'],
    ['a contact that is none', { contacts: [email('a@example.org'), email('b')] }, '/contacts/1/value'],
    ['a contact twice', { contacts: [email('a@example.org'), email('A@example.org')] }, '/contacts/1'],
    [
      'its own phone as a contact',
      { phone: '+998901234567', contacts: [{ type: 'whatsapp' as const, value: '901234567' }] },
      '/contacts/0',
    ],
  ])('with %s is refused, pointing at it', (_, changes, pointer) => {
    const failure = failureOf(() => newClient(act, clientInput(changes), 'UZ'));
    expect(failure.code).toBe('request.invalid');
    expect(failure.particulars.errors?.map((error) => error.pointer)).toEqual([pointer]);
  });

  it('may be born today, and not later', () => {
    const unborn = clientInput({ dateOfBirth: '2999-01-01' });
    expect(failureOf(() => newClient(act, unborn, null)).code).toBe('client.unborn');
    const dateOfBirth = act.now().toISOString().slice(0, 10);
    expect(newClient(act, clientInput({ dateOfBirth }), null)).toMatchObject({ dateOfBirth });
  });

  it('that is known by its first message has the address it wrote from', () => {
    const phone = newPhone();
    const texting = clientFromSender(act, {
      firstName: 'Ana',
      lastName: null,
      identity: { kind: 'tel', value: phone },
    });
    expect(texting).toMatchObject({ firstName: 'Ana', phone, contacts: [] });
    const identity = { kind: 'telegram', value: '42' } as const;
    const telegramming = clientFromSender(act, { firstName: 'Ana', lastName: 'Horvat', identity });
    expect(telegramming).toMatchObject({ phone: null, contacts: [{ type: 'telegram', value: '42', optedOut: false }] });
    expect(identitiesOf(telegramming)).toEqual([identity]);
  });
});

describe('the identities of a client', () => {
  it('are its phone, its PIN and its contacts, each once', () => {
    const client = buildClient(act, {
      phone: '+998901234567',
      pin: '42',
      contacts: [email('ana@example.org'), { type: 'phone', value: '+998907654321' }],
    });
    expect(identitiesOf(client)).toEqual(
      expect.arrayContaining([
        { kind: 'tel', value: '+998901234567' },
        { kind: 'tel', value: '+998907654321' },
        { kind: 'email', value: 'ana@example.org' },
        { kind: 'pin', value: '42' },
      ]),
    );
    expect(identitiesOf(client)).toHaveLength(4);
    const twice = replaceProfile(act, client, clientProfile({ phone: '+998907654321' }), null);
    expect(identitiesOf(twice).filter(({ kind }) => kind === 'tel')).toHaveLength(1);
  });
});

describe('adding a contact', () => {
  it('normalises it and counts as no change of what PUT can change', () => {
    const before = buildClient(act);
    const { client, contact } = addContact(later, before, { type: 'whatsapp', value: '90 123 45 67' }, 'UZ');
    expect(contact).toMatchObject({ type: 'whatsapp', value: '+998901234567', optedOut: false });
    expect(client).toMatchObject({ contacts: [contact], version: before.version, revision: before.revision + 1 });
    expect(client.updatedAt > before.updatedAt).toBe(true);
  });

  it('stops at 20', () => {
    const nineteen = withContacts(19);
    const { client } = addContact(act, nineteen, email('last@example.org'), null);
    expect(client.contacts).toHaveLength(20);
    expect(failureOf(() => addContact(act, client, email('more@example.org'), null)).code).toBe('contact.limit');
  });

  it('that the client has already is refused, also as its own phone and for a full client', () => {
    const client = { ...withContacts(20), phone: '+998901234567' };
    for (const input of [email('A3@example.org'), { type: 'whatsapp' as const, value: '+998901234567' }]) {
      const failure = failureOf(() => addContact(act, client, input, null));
      expect(failure).toMatchObject({ code: 'contact.duplicate', particulars: { clientId: client.id } });
    }
  });
});

describe('changing a contact', () => {
  const setUp = () => {
    const { client, contact } = addContact(act, buildClient(act), { type: 'phone', value: '+998901234567' }, null);
    return { contact, client };
  };

  it('to one that the client has elsewhere is refused; one that is not there is not found', () => {
    const { client, contact } = setUp();
    const { client: two } = addContact(act, client, email('ana@example.org'), null);
    const duplicate = failureOf(() => replaceContact(act, two, contact.id, email('ana@example.org'), null));
    expect(duplicate.code).toBe('contact.duplicate');
    const absent = failureOf(() => replaceContact(act, two, act.newId(), email('b@example.org'), null));
    expect(absent.code).toBe('resource.not-found');
    expect(failureOf(() => removeContact(act, two, act.newId())).code).toBe('resource.not-found');
    expect(removeContact(act, two, contact.id).contacts.map(({ type }) => type)).toEqual(['email']);
  });
});

describe('replacing a profile', () => {
  it('counts as a version and a revision, and empties what is left out', () => {
    const before = buildClient(act, { lastName: 'Horvat', comments: 'tall', tags: ['vip'] });
    const after = replaceProfile(later, before, clientProfile({ firstName: 'Eva' }), null);
    expect(after).toMatchObject({ firstName: 'Eva', lastName: null, comments: null, tags: ['vip'] });
    expect(after).toMatchObject({ version: 2, revision: 2, createdAt: before.createdAt, id: before.id });
  });
});

describe('deleting', () => {
  it('counts as a revision and changes nothing else', () => {
    const before = buildClient(act, { phone: newPhone() });
    const deleted = withState(act, before, 'deleted');
    expect(deleted).toMatchObject({ state: 'deleted', version: 1, revision: 2, phone: before.phone });
  });
});

describe('where a client is written to', () => {
  const client = buildClient(act, {
    contacts: [
      { type: 'phone', value: '+998901111111' },
      { type: 'whatsapp', value: '+998902222222' },
    ],
  });

  it('is where it last wrote from, while that is still its own', () => {
    expect(addressOn(client, 'whatsapp', '+998901111111')?.address).toBe('+998901111111');
    expect(addressOn(client, 'whatsapp', '+998903333333')?.address).toBe('+998902222222');
  });

  it('is else a contact of that very transport, then one of its kind', () => {
    expect(addressOn(client, 'whatsapp')?.address).toBe('+998902222222');
    expect(addressOn(client, 'sms')?.address).toBe('+998901111111');
    expect(addressOn(client, 'telegram')).toBeUndefined();
  });
});
