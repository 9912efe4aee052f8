import { buildClient, clientProfile, newAct } from '../../test/support/builders.ts';
import type { ConsentInput } from '../contract/client-consents.ts';
import type { ContactInput } from '../contract/clients.ts';
import type { Consent } from '../contract/consent.ts';
import {
  addContact,
  addressOn,
  ClientRecordSchema,
  removeContact,
  replaceContact,
  replaceProfile,
  type ClientRecord,
} from './client.ts';
import { allowedSince, listConsents, recordConsent, refusesOn, saidByItself, withConsents } from './client-consent.ts';
import { Failure } from './failure.ts';
import type { Identity } from './identity.ts';

const act = newAct();
const phone = '+998901234567';
const other = '+998907654321';
const tel = (value: string): Identity => ({ kind: 'tel', value });
const withPhone: ContactInput = { type: 'phone', value: phone };

const says = (client: ClientRecord, status: Consent['status'], source: 'client' | 'provider' = 'client') =>
  withConsents(act, client, tel(phone), saidByItself(status, source, 'STOP')) ?? client;
const refusing = says(
  buildClient(act, { phone, contacts: [{ type: 'email', value: 'ana@example.org' }] }),
  'opted-out',
);

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
  return 'none';
};

const input = (changes: Partial<ConsentInput> = {}): ConsentInput => ({
  contactId: null,
  purpose: 'marketing',
  status: 'opted-in',
  note: null,
  ...changes,
});

describe('a client that refuses', () => {
  it('refuses everything on that address, however it is used, and nothing on another', () => {
    expect(refusing).toMatchObject({ phoneOptedOut: true, contacts: [{ optedOut: false, consents: [] }] });
    expect(refusing.phoneConsents).toMatchObject([
      { purpose: 'service', status: 'opted-out', source: 'client', note: 'STOP', by: null },
      { purpose: 'marketing', status: 'opted-out', source: 'client' },
    ]);
    expect(addressOn(refusing, 'sms')).toEqual({ address: phone, optedOut: true });
    expect(addressOn(refusing, 'whatsapp')).toEqual({ address: phone, optedOut: true });
    expect(addressOn(refusing, 'email')).toEqual({ address: 'ana@example.org', optedOut: false });
    expect(refusesOn(refusing, 'whatsapp', phone)).toBe(true);
    expect(refusesOn(refusing, 'email', 'ana@example.org')).toBe(false);
  });

  it('and allows again allows the conversation, not marketing', () => {
    const back = says(refusing, 'opted-in');
    expect(back.phoneOptedOut).toBe(false);
    expect(listConsents(back).filter(({ contactId }) => contactId === null)).toMatchObject([
      { purpose: 'service', status: 'opted-in', allowed: true },
      { purpose: 'marketing', status: 'opted-out', allowed: false },
    ]);
  });

  it('and allows again has allowed since what came before that, and refuses when it does once more', () => {
    const again = says(refusing, 'opted-in');
    const [service] = again.phoneConsents.filter(({ purpose }) => purpose === 'service');
    const at = service?.at ?? '';
    expect(allowedSince(again, tel(phone), '2020-01-01T00:00:00.000Z')).toBe(true);
    expect(allowedSince(again, tel(phone), at)).toBe(false);
    expect(allowedSince(refusing, tel(phone), '2020-01-01T00:00:00.000Z')).toBe(false);
    expect(allowedSince(again, tel(other), '2020-01-01T00:00:00.000Z')).toBe(false);
  });

  it('twice, or on an address that is not its own, changes nothing', () => {
    expect(withConsents(act, refusing, tel(phone), saidByItself('opted-out', 'client', 'QUIT'))).toBeUndefined();
    expect(withConsents(act, refusing, tel(phone), saidByItself('opted-out', 'provider', '21610'))).toBeUndefined();
    expect(withConsents(act, refusing, tel(other), saidByItself('opted-out', 'client', 'STOP'))).toBeUndefined();
  });

  it('refuses on every contact that is the same number', () => {
    const client = buildClient(act, { contacts: [withPhone] });
    const both = { ...client, phone };
    expect(says(both, 'opted-out')).toMatchObject({ phoneOptedOut: true, contacts: [{ optedOut: true }] });
  });
});

describe('a refusal', () => {
  it('stays with the phone, and is none of another phone', () => {
    expect(replaceProfile(act, refusing, clientProfile({ phone }), null).phoneOptedOut).toBe(true);
    expect(replaceProfile(act, refusing, clientProfile({ phone: other }), null)).toMatchObject({
      phoneOptedOut: false,
      phoneConsents: [],
    });
  });

  it('comes back with an address that was given up and is taken again', () => {
    const without = replaceProfile(act, refusing, clientProfile({ phone: null }), null);
    expect(without.phoneConsents).toEqual([]);
    expect(replaceProfile(act, without, clientProfile({ phone }), null).phoneOptedOut).toBe(true);
    const { client, contact } = addContact(act, without, withPhone, null);
    expect(contact.optedOut).toBe(true);
    const again = addContact(act, removeContact(act, client, contact.id), { type: 'whatsapp', value: phone }, null);
    expect(again.contact).toMatchObject({ optedOut: true, consents: [{ status: 'opted-out' }, {}] });
    expect(again.client.formerConsents).toEqual([]);
  });

  it('goes with a contact to another transport of the same number, and not to another number', () => {
    const { client, contact } = addContact(act, buildClient(act), withPhone, null);
    const refused = says(client, 'opted-out');
    const same = replaceContact(act, refused, contact.id, { type: 'whatsapp', value: phone }, null);
    expect(same.contact).toMatchObject({ id: contact.id, type: 'whatsapp', optedOut: true });
    const another = replaceContact(act, refused, contact.id, { type: 'phone', value: other }, null);
    expect(another.contact).toMatchObject({ id: contact.id, value: other, optedOut: false, consents: [] });
  });

  it('of which is not known who made it counts as the client’s own', () => {
    const before = { phoneOptedOut: true, phoneConsents: undefined, formerConsents: undefined };
    const client = ClientRecordSchema.parse({ ...buildClient(act, { phone }), ...before });
    expect(refusesOn(client, 'sms', phone)).toBe(true);
    expect(listConsents(client)[0]).toMatchObject({ purpose: 'service', status: 'opted-out', source: 'client' });
    expect(codeOf(() => recordConsent(act, client, input({ purpose: 'service' })))).toBe('consent.own-refusal');
    expect(replaceProfile(act, client, clientProfile({ phone }), null).phoneOptedOut).toBe(true);
  });
});

describe('what a user writes down', () => {
  const client = buildClient(act, { phone, contacts: [{ type: 'email', value: 'ana@example.org' }] });

  it('is for one contact and one purpose, with who, when and why', () => {
    const contactId = client.contacts[0]?.id ?? null;
    const recorded = recordConsent(act, client, input({ contactId, note: 'signed a form' }));
    expect(recorded.consent).toMatchObject({
      contactId,
      type: 'email',
      purpose: 'marketing',
      status: 'opted-in',
      source: 'user',
      by: 'ana',
      note: 'signed a form',
      allowed: true,
    });
    expect(recorded.client).toMatchObject({ version: client.version, revision: client.revision + 1 });
    expect(listConsents(recorded.client ?? client).filter(({ status }) => status !== null)).toEqual([recorded.consent]);
  });

  it('once more is no change, with another note it is one', () => {
    const first = recordConsent(act, client, input({ note: 'a form' })).client ?? client;
    const again = recordConsent(act, first, input({ note: 'a form' }));
    expect(again.client).toBeUndefined();
    expect(again.consent).toMatchObject({ status: 'opted-in', note: 'a form' });
    expect(recordConsent(act, first, input({ note: 'a call' })).client).toBeDefined();
  });

  it('may take back what a user wrote down or a provider told, not what the client said', () => {
    const refused = recordConsent(act, client, input({ purpose: 'service', status: 'opted-out' })).client ?? client;
    expect(refused.phoneOptedOut).toBe(true);
    const told = says(client, 'opted-out', 'provider');
    for (const another of [refused, told]) {
      expect(recordConsent(act, another, input({ purpose: 'service' })).consent.allowed).toBe(true);
    }
    for (const own of [refusing, says(refused, 'opted-out'), says(told, 'opted-out')]) {
      for (const purpose of ['service', 'marketing'] as const) {
        expect(codeOf(() => recordConsent(act, own, input({ purpose })))).toBe('consent.own-refusal');
      }
      const repeated = recordConsent(act, own, input({ purpose: 'service', status: 'opted-out', note: 'called' }));
      expect(repeated.client).toBeUndefined();
    }
  });

  it('in a list does not undo what the client said since', () => {
    const listed = [{ purpose: 'marketing', status: 'opted-in', source: 'import', note: null }] as const;
    expect(withConsents(act, refusing, tel(phone), listed)).toBeUndefined();
    expect(withConsents(act, says(refusing, 'opted-in'), tel(phone), listed)).toBeUndefined();
    expect(withConsents(act, client, tel(phone), listed)?.phoneConsents).toMatchObject([
      { source: 'import', by: 'ana' },
    ]);
  });

  it('that allows marketing allows none while the conversation is refused', () => {
    const marketing = recordConsent(act, client, input()).client ?? client;
    const refused = recordConsent(act, marketing, input({ purpose: 'service', status: 'opted-out' })).client ?? client;
    expect(listConsents(refused).filter(({ allowed }) => allowed)).toMatchObject([
      { type: 'email', purpose: 'service' },
    ]);
  });

  it('is for a contact that there is', () => {
    expect(codeOf(() => recordConsent(act, buildClient(act), input()))).toBe('resource.not-found');
    expect(codeOf(() => recordConsent(act, client, input({ contactId: refusing.contacts[0]?.id ?? null })))).toBe(
      'resource.not-found',
    );
  });
});
