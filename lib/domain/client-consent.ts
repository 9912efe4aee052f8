import type { ConsentInput, ContactConsent } from '../contract/client-consents.ts';
import type { Contact } from '../contract/clients.ts';
import { ConsentPurposeSchema, type Consent, type ConsentPurpose } from '../contract/consent.ts';
import type { Transport } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import { touched, type ClientRecord } from './client.ts';
import {
  allows,
  changedConsents,
  consentFor,
  consentsOn,
  contactConsents,
  isOwnRefusal,
  phoneConsents,
  refusesService,
  type ConsentChange,
} from './consents.ts';
import { Failure, notFound } from './failure.ts';
import { identityKindOfTransport, identityOfContact, sameIdentity, type Identity } from './identity.ts';

/** Who refuses, refuses everything. Who allows, allows the conversation: marketing takes a consent of its own. */
export const saidByItself = (
  status: Consent['status'],
  source: 'client' | 'provider',
  note: string | null,
): ConsentChange[] => {
  const service: ConsentChange = { purpose: 'service', status, source, note };
  return status === 'opted-in' ? [service] : [service, { ...service, purpose: 'marketing' }];
};

/** The client after what was said about an address of its own; undefined when that adds nothing. */
export const withConsents = (
  act: Act,
  client: ClientRecord,
  identity: Identity,
  changes: readonly ConsentChange[],
): ClientRecord | undefined => {
  const isThis = (contact: Contact): boolean => sameIdentity(identityOfContact(contact), identity);
  const isPhone = identity.kind === 'tel' && identity.value === client.phone;
  if (!isPhone && !client.contacts.some(isThis)) return undefined;
  const consents = changedConsents(act, consentsOn(client, identity), changes);
  if (consents === undefined) return undefined;
  const optedOut = refusesService(consents);
  const contacts = client.contacts.map((contact) =>
    isThis(contact) ? { ...contact, consents, optedOut, updatedAt: instant(act.now()) } : contact,
  );
  const phone = isPhone ? { phoneConsents: consents, phoneOptedOut: optedOut } : {};
  return touched(act, client, { contacts, ...phone }, false);
};

/** Whether the owner of the address that a message goes to wants none. */
export const refusesOn = (client: ClientRecord, transport: Transport, address: string): boolean => {
  const kind = identityKindOfTransport(transport);
  return kind !== undefined && refusesService(consentsOn(client, { kind, value: address }));
};

const lastSaid = (client: ClientRecord, identity: Identity) => consentFor(consentsOn(client, identity), 'service');

/** Whether the conversation on an address was allowed or refused, in whatever way, after this moment. */
export const saidSince = (client: ClientRecord, identity: Identity, at: string): boolean =>
  (lastSaid(client, identity)?.at ?? '') > at;

/** Whether the owner of an address has allowed the conversation, in whatever way, after this moment. */
export const allowedSince = (client: ClientRecord, identity: Identity, at: string): boolean =>
  lastSaid(client, identity)?.status === 'opted-in' && saidSince(client, identity, at);

interface Address {
  readonly contactId: ContactConsent['contactId'];
  readonly type: Contact['type'];
  readonly value: string;
  readonly identity: Identity;
  readonly consents: readonly Consent[];
}

const addressesOf = (client: ClientRecord): Address[] => [
  ...(client.phone === null
    ? []
    : [
        {
          contactId: null,
          type: 'phone' as const,
          value: client.phone,
          identity: { kind: 'tel' as const, value: client.phone },
          consents: phoneConsents(client),
        },
      ]),
  ...client.contacts.map((contact) => ({
    contactId: contact.id,
    type: contact.type,
    value: contact.value,
    identity: identityOfContact(contact),
    consents: contactConsents(contact),
  })),
];

const shown = ({ contactId, type, value, consents }: Address, purpose: ConsentPurpose): ContactConsent => {
  const { status, source, note, by, at } = { ...nothingSaid, ...consentFor(consents, purpose) };
  return { contactId, type, value, purpose, status, source, note, by, at, allowed: allows(consents, purpose) };
};

const nothingSaid = { status: null, source: null, note: null, by: null, at: null };

/** How each address stands for each purpose. */
export const listConsents = (client: ClientRecord): ContactConsent[] =>
  addressesOf(client).flatMap((address) => ConsentPurposeSchema.options.map((purpose) => shown(address, purpose)));

const addressWith = (client: ClientRecord, contactId: ConsentInput['contactId']): Address => {
  const address = addressesOf(client).find((each) => each.contactId === contactId);
  if (address === undefined) throw notFound();
  return address;
};

/**
 * What a user writes down. Where the client itself has refused, a user cannot allow anything: the law would not have it. A
 * refusal that a provider told of can be tried again, for not every provider tells when it is over; one that is not over
 * is told again, and nothing is delivered.
 *
 * @returns `client` undefined when it was known before
 * @throws Failure `resource.not-found`, `consent.own-refusal`
 */
export const recordConsent = (
  act: Act,
  client: ClientRecord,
  { contactId, purpose, status, note }: ConsentInput,
): { readonly client: ClientRecord | undefined; readonly consent: ContactConsent } => {
  const address = addressWith(client, contactId);
  if (status === 'opted-in' && isOwnRefusal(consentFor(address.consents, 'service'))) {
    throw new Failure(
      'consent.own-refusal',
      'The client refused messages on this contact by itself. It can allow them again by writing START there, or by unblocking the bot.',
    );
  }
  const after = withConsents(act, client, address.identity, [{ purpose, status, source: 'user', note }]);
  return { client: after, consent: shown(addressWith(after ?? client, contactId), purpose) };
};
