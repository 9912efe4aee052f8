import * as z from 'zod';
import {
  ClientSchema,
  ContactSchema,
  type ClientProfile,
  type Contact,
  type ContactInput,
  type NewClient,
} from '../contract/clients.ts';
import { ClientIdSchema, ContactIdSchema, type Transport } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import { consentsOn, FormerConsentsSchema, formerConsents, refusesService } from './consents.ts';
import { Failure, invalid, notFound } from './failure.ts';
import {
  identityKindOfTransport,
  identityOfContact,
  normalizeContact,
  normalizePhone,
  sameIdentity,
  type Identity,
} from './identity.ts';
import { distinctTags } from './tag.ts';

const MAX_CONTACTS = 20;

/** A client as it is stored. `revision` counts every write; `version` only those of what `PUT` changes. */
export const ClientRecordSchema = ClientSchema.extend({
  state: z.enum(['active', 'deleted', 'absorbed', 'erased']),
  /** Whose collections belong to this client as well, since it was merged with them; at most 10. */
  absorbed: z.array(ClientIdSchema).default([]),
  /** Which client this one was merged into. */
  survivorId: ClientIdSchema.nullable().default(null),
  formerConsents: z.array(FormerConsentsSchema).default([]),
  revision: z.int(),
});
export type ClientRecord = z.infer<typeof ClientRecordSchema>;

const phoneOf = (phone: string | null, defaultCountry: string | null): string | null => {
  if (phone === null) return null;
  const normalized = normalizePhone(phone, defaultCountry);
  if (normalized !== undefined) return normalized;
  throw invalid('/phone', 'is not a phone number; write it with its country code, as in +998 90 123 45 67');
};

const checkBirth = (dateOfBirth: string | null, now: Date): void => {
  if (dateOfBirth !== null && dateOfBirth > instant(now).slice(0, 10)) {
    throw new Failure('client.unborn', 'The date of birth lies in the future.');
  }
};

const contactValue = (input: ContactInput, defaultCountry: string | null, pointer: string): string => {
  const value = normalizeContact(input, defaultCountry);
  if (value === undefined) throw invalid(pointer, `is not a contact of type ${input.type}`);
  return value;
};

const duplicateOf = (clientId: string): Failure =>
  new Failure('contact.duplicate', 'This client has this contact already.', { clientId });

const limitReached = (): Failure => new Failure('contact.limit', `A client has at most ${MAX_CONTACTS} contacts.`);

const newContact = (act: Act, type: Contact['type'], value: string, consents: Contact['consents'] = []): Contact =>
  ContactSchema.parse({
    id: ContactIdSchema.parse(act.newId()),
    type,
    value,
    optedOut: refusesService(consents),
    consents,
    createdAt: instant(act.now()),
    updatedAt: instant(act.now()),
  });

/** Every identity a client holds; each once. */
export const identitiesOf = (client: Pick<ClientRecord, 'phone' | 'pin' | 'contacts'>): Identity[] => {
  const all: Identity[] = client.contacts.map(identityOfContact);
  if (client.phone !== null) all.push({ kind: 'tel', value: client.phone });
  if (client.pin !== null) all.push({ kind: 'pin', value: client.pin });
  return all.filter((identity, index) => all.findIndex((other) => sameIdentity(identity, other)) === index);
};

/** @throws Failure `request.invalid` for a phone or contact that is none, or that is given twice; `contact.limit`, `tag.limit`, `client.unborn` */
export const newClient = (act: Act, input: NewClient, defaultCountry: string | null): ClientRecord => {
  checkBirth(input.dateOfBirth, act.now());
  if (input.contacts.length > MAX_CONTACTS) throw limitReached();
  const empty: ClientRecord = {
    ...input,
    id: ClientIdSchema.parse(act.newId()),
    phone: phoneOf(input.phone, defaultCountry),
    tags: distinctTags(input.tags),
    contacts: [],
    phoneOptedOut: false,
    phoneConsents: [],
    createdAt: instant(act.now()),
    updatedAt: instant(act.now()),
    version: 1,
    state: 'active',
    absorbed: [],
    survivorId: null,
    formerConsents: [],
    revision: 1,
  };
  return input.contacts.reduce((client, contact, index) => {
    const value = contactValue(contact, defaultCountry, `/contacts/${index}/value`);
    if (holds(client, { ...contact, value })) throw invalid(`/contacts/${index}`, 'is given twice');
    return { ...client, contacts: [...client.contacts, newContact(act, contact.type, value)] };
  }, empty);
};

/** A client that is known by nothing but its first message. */
export const clientFromSender = (
  act: Act,
  sender: { readonly firstName: string; readonly lastName: string | null; readonly identity: Identity },
): ClientRecord => {
  const { firstName, lastName, identity } = sender;
  const client = newClient(act, { ...emptyProfile, firstName, lastName }, null);
  // Whatever number plans say: the provider has just heard from this number.
  if (identity.kind === 'tel') return { ...client, phone: identity.value };
  return identity.kind === 'telegram' ? { ...client, contacts: [newContact(act, 'telegram', identity.value)] } : client;
};

const emptyProfile: Omit<NewClient, 'firstName'> = {
  lastName: null,
  middleName: null,
  phone: null,
  email: null,
  preferredTransport: null,
  address: null,
  dateOfBirth: null,
  timeZone: null,
  gender: null,
  passportId: null,
  pin: null,
  comments: null,
  customFields: {},
  tags: [],
  contacts: [],
};

/** The next state of a record; `counts`: whether `PUT` could have made the change. */
export const touched = (
  act: Act,
  client: ClientRecord,
  change: Partial<ClientRecord>,
  counts: boolean,
): ClientRecord => {
  const next = { ...client, ...change, updatedAt: instant(act.now()) };
  return {
    ...next,
    formerConsents: formerConsents(client, next),
    revision: client.revision + 1,
    version: counts ? client.version + 1 : client.version,
  };
};

export const replaceProfile = (
  act: Act,
  client: ClientRecord,
  profile: ClientProfile,
  defaultCountry: string | null,
): ClientRecord => {
  checkBirth(profile.dateOfBirth, act.now());
  const phone = phoneOf(profile.phone, defaultCountry);
  const phoneConsents = phone === null ? [] : consentsOn(client, { kind: 'tel', value: phone });
  const phoneOptedOut = refusesService(phoneConsents);
  return touched(act, client, { ...profile, phone, phoneOptedOut, phoneConsents }, true);
};

const holds = (client: ClientRecord, contact: Pick<Contact, 'type' | 'value'>, except?: string): boolean => {
  const others = client.contacts.filter(({ id }) => id !== except);
  return identitiesOf({ phone: client.phone, pin: null, contacts: others }).some((identity) =>
    sameIdentity(identity, identityOfContact(contact)),
  );
};

/** @throws Failure `contact.limit`, `contact.duplicate`, `request.invalid` */
export const addContact = (
  act: Act,
  client: ClientRecord,
  input: ContactInput,
  defaultCountry: string | null,
): { readonly client: ClientRecord; readonly contact: Contact } => {
  const value = contactValue(input, defaultCountry, '/value');
  if (holds(client, { ...input, value })) throw duplicateOf(client.id);
  if (client.contacts.length >= MAX_CONTACTS) throw limitReached();
  const contact = newContact(act, input.type, value, consentsOn(client, identityOfContact({ ...input, value })));
  return { client: touched(act, client, { contacts: [...client.contacts, contact] }, false), contact };
};

const findContact = (client: ClientRecord, contactId: string): Contact => {
  const contact = client.contacts.find(({ id }) => id === contactId);
  if (contact === undefined) throw notFound();
  return contact;
};

/** A contact with another value is another address, with a consent of its own. */
export const replaceContact = (
  act: Act,
  client: ClientRecord,
  contactId: string,
  input: ContactInput,
  defaultCountry: string | null,
): { readonly client: ClientRecord; readonly contact: Contact } => {
  const former = findContact(client, contactId);
  const value = contactValue(input, defaultCountry, '/value');
  if (holds(client, { ...input, value }, contactId)) throw duplicateOf(client.id);
  const consents = consentsOn(client, identityOfContact({ ...input, value }));
  const optedOut = refusesService(consents);
  const contact: Contact = { ...former, type: input.type, value, optedOut, consents, updatedAt: instant(act.now()) };
  const contacts = client.contacts.map((each) => (each.id === contactId ? contact : each));
  return { client: touched(act, client, { contacts }, false), contact };
};

export const removeContact = (act: Act, client: ClientRecord, contactId: string): ClientRecord => {
  findContact(client, contactId);
  return touched(act, client, { contacts: client.contacts.filter(({ id }) => id !== contactId) }, false);
};

export const withState = (act: Act, client: ClientRecord, state: ClientRecord['state']): ClientRecord =>
  touched(act, client, { state }, false);

interface Address {
  readonly address: string;
  readonly optedOut: boolean;
}

const addressesOn = (client: ClientRecord, transport: Transport): Address[] => {
  const kind = identityKindOfTransport(transport);
  const own: Address[] =
    kind === 'tel' && client.phone !== null ? [{ address: client.phone, optedOut: client.phoneOptedOut }] : [];
  const contacts = client.contacts
    .filter((contact) => identityOfContact(contact).kind === kind)
    .toSorted((one, other) => Number(other.type === transport) - Number(one.type === transport))
    .map(({ value, optedOut }) => ({ address: value, optedOut }));
  return [...own, ...contacts];
};

/** Where to write to a client on a transport: where it last wrote from if that is still its own, else its first address. */
export const addressOn = (client: ClientRecord, transport: Transport, lastUsed?: string): Address | undefined => {
  const addresses = addressesOn(client, transport);
  return addresses.find(({ address }) => address === lastUsed) ?? addresses[0];
};
