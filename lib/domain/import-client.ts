import { isDeepStrictEqual } from 'node:util';
import { ClientProfileSchema, ClientSchema, NewClientSchema } from '../contract/clients.ts';
import type { ConsentPurpose } from '../contract/consent.ts';
import type { Act } from './act.ts';
import { withConsents } from './client-consent.ts';
import { tagClient } from './client-tags.ts';
import { addContact, identitiesOf, newClient, replaceProfile, type ClientRecord } from './client.ts';
import type { ConsentChange } from './consents.ts';
import { requireCustomFields, type CustomFieldRecord } from './custom-field.ts';
import { Failure } from './failure.ts';
import { normalizePhone, sameIdentity, identityOfContact, type Identity } from './identity.ts';
import { columnAt, refusedBy, RowRefused, type RowContent, type RowError, type RowRules } from './import-row.ts';

/** A JSON pointer into a request, step by step. */
const pathOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** What a refusal without a pointer is about. */
const fieldOf = ({ code }: Failure): string =>
  code === 'client.unborn' ? 'dateOfBirth' : code.split('.')[0] === 'tag' ? 'tags' : '';

const errorsOf = (row: RowContent, failure: Failure): RowError[] =>
  failure.particulars.errors?.map(({ pointer, detail }) => ({ column: columnAt(row, pathOf(pointer)), detail })) ?? [
    { column: columnAt(row, [fieldOf(failure)]), detail: failure.message },
  ];

/** Runs what the rules for clients may refuse. @throws RowRefused */
const judged = <Result>(row: RowContent, work: () => Result): Result => {
  try {
    return work();
  } catch (error) {
    throw error instanceof Failure ? new RowRefused(errorsOf(row, error)) : error;
  }
};

/** An address as it is written in a row, among those of its client. */
const identityOfAddress = (client: ClientRecord, address: string, country: string | null): Identity | undefined => {
  const forms = new Set([address, address.toLowerCase(), normalizePhone(address, country)]);
  if (client.phone !== null && forms.has(client.phone)) return { kind: 'tel', value: client.phone };
  const contact = client.contacts.find(({ value }) => forms.has(value));
  return contact && identityOfContact(contact);
};

const said = (purpose: ConsentPurpose, status: ConsentChange['status']): ConsentChange => ({
  purpose,
  status,
  source: 'import',
  note: null,
});

const changes: Readonly<Record<'optedOut' | 'marketing', readonly ConsentChange[]>> = {
  optedOut: [said('service', 'opted-out'), said('marketing', 'opted-out')],
  marketing: [said('marketing', 'opted-in')],
};

/** @throws RowRefused for an address that is none of the client's */
const withSaid = (act: Act, before: ClientRecord, row: RowContent, country: string | null): ClientRecord =>
  (['marketing', 'optedOut'] as const).reduce(
    (client, field) =>
      row[field].reduce((current, address) => {
        const identity = identityOfAddress(current, address, country);
        if (identity === undefined) {
          throw new RowRefused([
            { column: columnAt(row, [field]), detail: 'names an address that the client has not' },
          ]);
        }
        return withConsents(act, current, identity, changes[field]) ?? current;
      }, client),
    before,
  );

/** What a row makes of a client, and which custom fields have a value for the first time. */
export interface RowResult {
  readonly client: ClientRecord;
  readonly firstUsed: readonly CustomFieldRecord[];
}

/**
 * The client that a row makes.
 *
 * @throws RowRefused
 */
export const clientFromRow = (act: Act, row: RowContent, rules: RowRules): RowResult => {
  const { profile, contacts, tags, customFields } = row;
  if (profile.firstName === undefined) {
    throw new RowRefused([{ column: columnAt(row, ['firstName']), detail: 'has to hold a first name' }]);
  }
  const input = NewClientSchema.safeParse({ ...profile, contacts, tags, customFields });
  if (!input.success) throw refusedBy(row, input.error);
  return judged(row, () => ({
    firstUsed: requireCustomFields(rules.definitions, {}, input.data.customFields),
    client: withSaid(act, newClient(act, input.data, rules.defaultCountry), row, rules.defaultCountry),
  }));
};

/** What is wrong with a row, were it about a client that there is. @throws RowRefused */
export const checkRow = (act: Act, row: RowContent, rules: RowRules): void => {
  clientFromRow(act, { ...row, profile: { firstName: 'x', ...row.profile } }, rules);
};

const tel = (value: string): Identity => ({ kind: 'tel', value });

const withProfile = (act: Act, before: ClientRecord, row: RowContent, country: string | null): ClientRecord => {
  const { phone, ...rest } = row.profile;
  // A number that is a contact already is known; it does not take the place of the first one.
  const isKnown = before.contacts.some((contact) => sameIdentity(identityOfContact(contact), tel(phone ?? '')));
  const profile = ClientProfileSchema.strip().safeParse({
    ...before,
    ...rest,
    ...(phone !== undefined && !isKnown && { phone }),
    customFields: { ...before.customFields, ...row.customFields },
  });
  if (!profile.success) throw refusedBy(row, profile.error);
  const after = replaceProfile(act, before, profile.data, country);
  return isSame(before, after) ? before : after;
};

const withContacts = (act: Act, before: ClientRecord, row: RowContent, country: string | null): ClientRecord =>
  row.contacts.reduce((client, contact) => {
    const identity = identityOfContact(contact);
    const isHeld = identitiesOf(client).some((held) => sameIdentity(held, identity));
    return isHeld ? client : addContact(act, client, contact, country).client;
  }, before);

/** As the API shows both, but for what counts changes. */
const isSame = (one: ClientRecord, other: ClientRecord): boolean => {
  const { updatedAt, version } = one;
  return isDeepStrictEqual(ClientSchema.parse(one), ClientSchema.parse({ ...other, updatedAt, version }));
};

/**
 * The client after a row about it: what the row says replaces, contacts and tags are added, and an empty cell empties
 * nothing. Undefined when the row says nothing new.
 *
 * @throws RowRefused
 */
export const clientAfterRow = (
  act: Act,
  before: ClientRecord,
  row: RowContent,
  { definitions, defaultCountry }: RowRules,
): RowResult | undefined =>
  judged(row, () => {
    const profiled = withProfile(act, before, row, defaultCountry);
    const firstUsed = requireCustomFields(definitions, before.customFields, profiled.customFields);
    const known = withContacts(act, profiled, row, defaultCountry);
    const client = withSaid(act, tagClient(act, known, row.tags) ?? known, row, defaultCountry);
    return client === before ? undefined : { client, firstUsed };
  });
