import * as z from 'zod';
import type { Contact } from '../contract/clients.ts';
import { ConsentSchema, type Consent, type ConsentPurpose } from '../contract/consent.ts';
import { UserIdSchema } from '../contract/vocabulary.ts';
import { instant, type Act } from './act.ts';
import { identityOfContact, sameIdentity, type Identity } from './identity.ts';

/** What was said about an address that the client has given up: should it come back, so does what was said. */
export const FormerConsentsSchema = z.object({
  kind: z.enum(['tel', 'email', 'telegram', 'instagram', 'website', 'other']),
  value: z.string(),
  consents: z.array(ConsentSchema),
});
type FormerConsents = z.infer<typeof FormerConsentsSchema>;

export type ConsentChange = Pick<Consent, 'purpose' | 'status' | 'source' | 'note'>;

/** Where a client keeps what it allows. */
interface Holder {
  readonly phone: string | null;
  readonly phoneOptedOut: boolean;
  readonly phoneConsents: readonly Consent[];
  readonly contacts: readonly Contact[];
  readonly formerConsents: readonly FormerConsents[];
  /** Who was merged into it: what was said to them is kept as well. */
  readonly absorbed: readonly unknown[];
  readonly updatedAt: string;
}

interface Place {
  readonly identity: Identity;
  readonly consents: readonly Consent[];
}

export const consentFor = (consents: readonly Consent[], purpose: ConsentPurpose): Consent | undefined =>
  consents.find((consent) => consent.purpose === purpose);

export const refusesService = (consents: readonly Consent[]): boolean =>
  consentFor(consents, 'service')?.status === 'opted-out';

/** Conversation is allowed until it is refused; marketing is refused until it is allowed, and with the conversation. */
export const allows = (consents: readonly Consent[], purpose: ConsentPurpose): boolean =>
  !refusesService(consents) && (purpose === 'service' || consentFor(consents, purpose)?.status === 'opted-in');

/** A refusal that was kept before it was kept who refused, and when, counts as the client's own. */
const dated = (consents: readonly Consent[], optedOut: boolean, at: string): Consent[] =>
  optedOut && consentFor(consents, 'service') === undefined
    ? [...consents, { purpose: 'service', status: 'opted-out', source: 'client', note: null, by: null, at }]
    : [...consents];

/** What the client allows on its own phone. */
export const phoneConsents = ({ phoneConsents, phoneOptedOut, updatedAt }: Holder): Consent[] =>
  dated(phoneConsents, phoneOptedOut, updatedAt);

/** What the client allows on a contact. */
export const contactConsents = ({ consents, optedOut, updatedAt }: Contact): Consent[] =>
  dated(consents, optedOut, updatedAt);

const placesOf = (client: Holder): Place[] => [
  ...(client.phone === null
    ? []
    : [{ identity: { kind: 'tel' as const, value: client.phone }, consents: phoneConsents(client) }]),
  ...client.contacts.map((contact) => ({ identity: identityOfContact(contact), consents: contactConsents(contact) })),
];

const formerPlaces = ({ formerConsents }: Holder): Place[] =>
  formerConsents.map(({ kind, value, consents }) => ({ identity: { kind, value }, consents }));

/** What the client last said about an address, be it its own or one that it gave up. */
export const consentsOn = (client: Holder, identity: Identity): Consent[] => {
  const places = [...placesOf(client), ...formerPlaces(client)];
  const known = places.find((place) => place.consents.length > 0 && sameIdentity(place.identity, identity));
  return [...(known?.consents ?? [])];
};

const MOST_FORMER = 20;

/** What is kept of addresses that `after` has not got any more: for each client that it is made of, the last ones. */
export const formerConsents = (before: Holder, after: Holder): FormerConsents[] => {
  const most = MOST_FORMER * (1 + after.absorbed.length);
  const held = placesOf(after);
  const given = [...formerPlaces(before), ...placesOf(before)].filter(
    ({ identity, consents }) => consents.length > 0 && !held.some((place) => sameIdentity(place.identity, identity)),
  );
  const last = new Map(
    given.map(({ identity: { kind, value }, consents }) => [`${kind} ${value}`, { kind, value, consents }]),
  );
  return z.array(FormerConsentsSchema).parse([...last.values()].slice(-most));
};

/** Whether only the client can take it back: it refused in its own words. */
export const isOwnRefusal = (consent: Consent | undefined): boolean =>
  consent?.status === 'opted-out' && consent.source === 'client';

const isNoted = ({ source }: ConsentChange): boolean => source === 'user' || source === 'import';

/** The user who notes what somebody else said; nobody where it was heard from the client or its provider. */
const writerOf = ({ actor }: Act, change: ConsentChange): Consent['by'] =>
  isNoted(change) && actor.type === 'user' ? UserIdSchema.parse(actor.id) : null;

/** A list may be older than what the client said since, and no user can allow what the client refuses altogether. */
const isOverruled = (known: readonly Consent[], change: ConsentChange): boolean =>
  change.status === 'opted-in' &&
  isNoted(change) &&
  (isOwnRefusal(consentFor(known, 'service')) ||
    (change.source === 'import' && isOwnRefusal(consentFor(known, change.purpose))));

/**
 * What holds of all that was said about one address, to whomever it was said: the same as if one client had said it, in the
 * order of time. Of what was said in the same moment a refusal is the last word.
 */
export const joinedConsents = (said: readonly Consent[]): Consent[] => {
  const inOrder = said.toSorted((one, other) => {
    if (one.at !== other.at) return one.at < other.at ? -1 : 1;
    return Number(one.status === 'opted-out') - Number(other.status === 'opted-out');
  });
  return inOrder.reduce<Consent[]>(
    (known, consent) =>
      isOverruled(known, consent) ? known : [...known.filter(({ purpose }) => purpose !== consent.purpose), consent],
    [],
  );
};

/** What is said again adds nothing, and nobody else's word takes the place of the client's own refusal. */
const addsTo = (known: Consent | undefined, change: ConsentChange): boolean => {
  if (known?.status !== change.status) return true;
  if (isOwnRefusal(known)) return false;
  return known.source !== change.source || (isNoted(change) && known.note !== change.note);
};

/** The consents after these changes; undefined when they add nothing. */
export const changedConsents = (
  act: Act,
  known: readonly Consent[],
  changes: readonly ConsentChange[],
): Consent[] | undefined => {
  const news = changes.filter(
    (change) => addsTo(consentFor(known, change.purpose), change) && !isOverruled(known, change),
  );
  if (news.length === 0) return undefined;
  return [
    ...known.filter(({ purpose }) => !news.some((change) => change.purpose === purpose)),
    ...news.map((change) => ({ ...change, by: writerOf(act, change), at: instant(act.now()) })),
  ];
};
