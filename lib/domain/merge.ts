import { isDeepStrictEqual } from 'node:util';
import type { Contact } from '../contract/clients.ts';
import type { Consent } from '../contract/consent.ts';
import {
  CUSTOM_FIELD,
  MERGED_FIELDS,
  type MergeConflict,
  type MergedField,
  type Preference,
} from '../contract/merge.ts';
import { ContactIdSchema } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import { foldCase } from './case-fold.ts';
import { touched, type ClientRecord } from './client.ts';
import { consentsOn, joinedConsents, refusesService } from './consents.ts';
import { identityOfContact, sameIdentity, type Identity } from './identity.ts';

/** Two clients who are one. */
interface Pair {
  readonly survivor: ClientRecord;
  readonly absorbed: ClientRecord;
}

const winnerOf = (field: string, prefer: Preference): 'survivor' | 'absorbed' => prefer[field] ?? 'survivor';

/** The survivor's, the absorbed client's where it has none, and what is preferred where both have one. */
const choose = <Value>(field: string, survivor: Value, absorbed: Value, prefer: Preference): Value => {
  if (absorbed === null || absorbed === undefined) return survivor;
  if (survivor === null || survivor === undefined) return absorbed;
  return winnerOf(field, prefer) === 'survivor' ? survivor : absorbed;
};

/** Both are kept, the survivor's first, unless one is preferred. */
const joinComments = ({ survivor, absorbed }: Pair, prefer: Preference): string | null => {
  const [ours, theirs] = [survivor.comments, absorbed.comments];
  if (prefer.comments !== undefined || ours === null || theirs === null || ours === theirs) {
    return choose('comments', ours, theirs, prefer);
  }
  return `${ours}\n\n${theirs}`;
};

const profileOf = (pair: Pair, prefer: Preference): Pick<ClientRecord, MergedField> => {
  const { survivor, absorbed } = pair;
  const of = <Field extends MergedField>(field: Field): ClientRecord[Field] =>
    choose(field, survivor[field], absorbed[field], prefer);
  return {
    firstName: of('firstName'),
    lastName: of('lastName'),
    middleName: of('middleName'),
    phone: of('phone'),
    email: of('email'),
    preferredTransport: of('preferredTransport'),
    address: of('address'),
    dateOfBirth: of('dateOfBirth'),
    timeZone: of('timeZone'),
    gender: of('gender'),
    passportId: of('passportId'),
    pin: of('pin'),
    comments: joinComments(pair, prefer),
  };
};

const customFieldsOf = ({ survivor, absorbed }: Pair, prefer: Preference): ClientRecord['customFields'] => {
  const names = new Set([...Object.keys(survivor.customFields), ...Object.keys(absorbed.customFields)]);
  const chosen = [...names].map((name) => {
    const [ours, theirs] = [survivor.customFields[name], absorbed.customFields[name]];
    return [name, choose(`${CUSTOM_FIELD}${name}`, ours, theirs, prefer) ?? null] as const;
  });
  return Object.fromEntries(chosen);
};

const tagsOf = ({ survivor, absorbed }: Pair): string[] => {
  const known = new Set(survivor.tags.map(foldCase));
  return [...survivor.tags, ...absorbed.tags.filter((tag) => !known.has(foldCase(tag)))];
};

/** What holds on an address of which either of the two said something: a refusal is not lost by a merge. */
const latestConsents = ({ survivor, absorbed }: Pair, identity: Identity): Consent[] => {
  const [ours, theirs] = [consentsOn(survivor, identity), consentsOn(absorbed, identity)];
  if (ours.length === 0) return theirs;
  return theirs.length === 0 ? ours : joinedConsents([...ours, ...theirs]);
};

/** What was said about an address that either of them gave up is still said. */
const formerConsentsOf = (pair: Pair): ClientRecord['formerConsents'] =>
  [...pair.survivor.formerConsents, ...pair.absorbed.formerConsents].map((former) => ({
    ...former,
    consents: latestConsents(pair, former),
  }));

const withLatestConsents = (pair: Pair, contact: Contact): Contact => {
  const consents = latestConsents(pair, identityOfContact(contact));
  return { ...contact, consents, optedOut: refusesService(consents) };
};

/** The phone that is not the survivor's own becomes a contact of it, unless it is one already. */
const otherPhone = (act: Act, { survivor, absorbed }: Pair, own: string | null): Contact[] => {
  const other = [survivor.phone, absorbed.phone].find((phone) => phone !== null && phone !== own);
  if (other === undefined || other === null) return [];
  const isOther = (contact: Contact) => sameIdentity(identityOfContact(contact), { kind: 'tel', value: other });
  if ([...survivor.contacts, ...absorbed.contacts].some(isOther)) return [];
  const at = instant(act.now());
  const id = ContactIdSchema.parse(act.newId());
  return [{ id, type: 'phone', value: other, optedOut: false, consents: [], createdAt: at, updatedAt: at }];
};

/**
 * The survivor with all that the absorbed client had: fields that it lacked, contacts, tags, custom fields. An identity
 * belongs to one client at most, so no contact of the one is a contact of the other.
 */
export const mergeProfiles = (act: Act, pair: Pair, prefer: Preference): ClientRecord => {
  const { survivor, absorbed } = pair;
  const profile = profileOf(pair, prefer);
  const contacts = [...survivor.contacts, ...otherPhone(act, pair, profile.phone), ...absorbed.contacts];
  const phoneConsents = profile.phone === null ? [] : latestConsents(pair, { kind: 'tel', value: profile.phone });
  return touched(
    act,
    { ...survivor, formerConsents: formerConsentsOf(pair) },
    {
      ...profile,
      customFields: customFieldsOf(pair, prefer),
      tags: tagsOf(pair),
      contacts: contacts.map((contact) => withLatestConsents(pair, contact)),
      phoneConsents,
      phoneOptedOut: refusesService(phoneConsents),
      absorbed: [...survivor.absorbed, absorbed.id, ...absorbed.absorbed],
    },
    true,
  );
};

const differs = (ours: unknown, theirs: unknown): boolean =>
  ours !== null && ours !== undefined && theirs !== null && theirs !== undefined && !isDeepStrictEqual(ours, theirs);

/** Where both have a value and the survivor can have but one. */
export const conflictsOf = ({ survivor, absorbed }: Pair, prefer: Preference): MergeConflict[] => {
  const rows = [
    ...MERGED_FIELDS.filter((field) => field !== 'comments' || prefer.comments !== undefined).map(
      (field) => [field, survivor[field], absorbed[field]] as const,
    ),
    ...Object.entries(survivor.customFields).map(
      ([name, value]) => [`${CUSTOM_FIELD}${name}`, value, absorbed.customFields[name]] as const,
    ),
  ];
  return rows
    .filter(([, ours, theirs]) => differs(ours, theirs))
    .map(([field, ours, theirs]) => ({ field, survivor: ours, absorbed: theirs, winner: winnerOf(field, prefer) }));
};
