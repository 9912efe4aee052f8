import { isDeepStrictEqual } from 'node:util';
import { CUSTOM_FIELD } from '../contract/merge.ts';
import type { Act } from './act.ts';
import { ClientRecordSchema, identitiesOf, touched, type ClientRecord } from './client.ts';
import { consentsOn, refusesService } from './consents.ts';
import { identityOfContact, sameIdentity, type Identity } from './identity.ts';
import type { FieldTaken, MergeRecord } from './merge-record.ts';
import { withoutTags } from './tag.ts';

type Taken = NonNullable<MergeRecord['taken']>;

const isAmong = (identities: readonly Identity[]) => (identity: Identity) =>
  identities.some((other) => sameIdentity(other, identity));

/** An identity goes where it belongs, whatever became of it meanwhile; these fields are not compared but asked. */
const IDENTITIES = ['phone', 'pin'];

/** The values that the survivor had, where it still has those that it took. */
const formerProfile = (survivor: ClientRecord, fields: readonly FieldTaken[]): ClientRecord => {
  const current = new Map<string, unknown>(Object.entries(survivor));
  const unchanged = fields.filter(
    ({ field, after }) => !IDENTITIES.includes(field) && isDeepStrictEqual(current.get(field), after),
  );
  const former = Object.fromEntries(unchanged.map(({ field, before }) => [field, before]));
  return ClientRecordSchema.parse({ ...survivor, ...former });
};

const formerCustomFields = (
  { customFields }: ClientRecord,
  fields: readonly FieldTaken[],
): ClientRecord['customFields'] => {
  const former = new Map<string, unknown>(Object.entries(customFields));
  for (const { field, before, after } of fields.filter((each) => each.field.startsWith(CUSTOM_FIELD))) {
    const name = field.slice(CUSTOM_FIELD.length);
    if (!isDeepStrictEqual(former.get(name), after)) continue;
    if (before === undefined) former.delete(name);
    else former.set(name, before);
  }
  return ClientRecordSchema.shape.customFields.parse(Object.fromEntries(former));
};

const formerOf = (fields: readonly FieldTaken[], name: string): string | null => {
  const before = fields.find(({ field }) => field === name)?.before;
  return typeof before === 'string' ? before : null;
};

/** A phone that is the other's gives way to the one before, which has been a contact since, or to none. */
const formerNumbers = (
  survivor: ClientRecord,
  theirs: (identity: Identity) => boolean,
  { fields, madeContacts }: Taken,
): Pick<ClientRecord, 'phone' | 'pin' | 'contacts' | 'phoneConsents' | 'phoneOptedOut'> => {
  const kept = survivor.contacts.filter((contact) => !theirs(identityOfContact(contact)));
  const keepsPin = survivor.pin === null || !theirs({ kind: 'pin', value: survivor.pin });
  const pin = keepsPin ? survivor.pin : formerOf(fields, 'pin');
  if (survivor.phone === null || !theirs({ kind: 'tel', value: survivor.phone })) {
    const { phone, phoneConsents, phoneOptedOut } = survivor;
    return { phone, pin, contacts: kept, phoneConsents, phoneOptedOut };
  }
  const before = { kind: 'tel' as const, value: formerOf(fields, 'phone') ?? '' };
  const isBefore = (contact: ClientRecord['contacts'][number]) => sameIdentity(identityOfContact(contact), before);
  const phone = kept.some(isBefore) ? before.value : null;
  const phoneConsents = phone === null ? [] : consentsOn(survivor, before);
  return {
    phone,
    pin,
    contacts: kept.filter((contact) => !(isBefore(contact) && madeContacts.includes(contact.id))),
    phoneConsents,
    phoneOptedOut: refusesService(phoneConsents),
  };
};

/** The survivor without what came from the absorbed client and is as it came. */
export const withoutAbsorbed = (
  act: Act,
  survivor: ClientRecord,
  absorbed: ClientRecord,
  taken: Taken,
): ClientRecord => {
  const { fields, tags, formerAddresses } = taken;
  const theirs = isAmong([...identitiesOf(absorbed), ...absorbed.formerConsents]);
  const knownBefore = isAmong(formerAddresses);
  const isKnown = (identity: Identity): boolean => !theirs(identity) || knownBefore(identity);
  const gone = [absorbed.id, ...absorbed.absorbed];
  const { phone } = survivor;
  // What leaves is not given up: it takes no place among the addresses that were.
  const staying = {
    ...survivor,
    phone: phone !== null && isKnown({ kind: 'tel', value: phone }) ? phone : null,
    contacts: survivor.contacts.filter((contact) => isKnown(identityOfContact(contact))),
    formerConsents: survivor.formerConsents.filter(isKnown),
  };
  return touched(
    act,
    staying,
    {
      ...formerProfile(survivor, fields),
      ...formerNumbers(survivor, isAmong(identitiesOf(absorbed)), taken),
      customFields: formerCustomFields(survivor, fields),
      tags: withoutTags(survivor.tags, tags),
      absorbed: survivor.absorbed.filter((id) => !gone.includes(id)),
    },
    true,
  );
};

/** The absorbed client as it was. What was said about its addresses meanwhile is said. */
export const returned = (act: Act, absorbed: ClientRecord, survivor: ClientRecord): ClientRecord => {
  const saidOn = (identity: Identity) => {
    const consents = consentsOn(survivor, identity);
    return consents.length > 0 ? consents : consentsOn(absorbed, identity);
  };
  const phoneConsents = absorbed.phone === null ? [] : saidOn({ kind: 'tel', value: absorbed.phone });
  return touched(
    act,
    absorbed,
    {
      state: 'active',
      survivorId: null,
      phoneConsents,
      phoneOptedOut: refusesService(phoneConsents),
      contacts: absorbed.contacts.map((contact) => {
        const consents = saidOn(identityOfContact(contact));
        return { ...contact, consents, optedOut: refusesService(consents) };
      }),
    },
    false,
  );
};
