import * as z from 'zod';
import { ClientIdSchema, NoteIdSchema, type ClientId, type NoteId, type TenantId } from '../contract/vocabulary.ts';
import { clientAt, SpaceSchema, type Findable } from '../domain/findable.ts';
import { get, queryAll } from './client.ts';
import { clientCollection, listingKey, NOTE, postings, TERMS, type Key } from './keys.ts';
import { postingItem, type Place } from './postings.ts';
import { readTogether } from './read-together.ts';
import type { Scanned } from './scan.ts';
import { absent, check, commit, put, remove, unchanged, type Step } from './transaction.ts';

/** What may be posted of a document. Whatever is posted of it is listed here; once it is settled, all that is listed is posted. */
export const ListingSchema = z.object({
  sk: z.string(),
  posted: z.array(
    z.object({ space: SpaceSchema, position: z.string(), document: z.string(), keys: z.array(z.string()) }),
  ),
  settled: z.boolean(),
  /** Of a client: whose is what stands in its collection? */
  ownerId: ClientIdSchema.nullable(),
  revision: z.int(),
});
export type Listing = z.infer<typeof ListingSchema>;
type Posted = Listing['posted'][number];

/** What is posted of this document? One read. */
export const findListing = async (tenant: TenantId, home: ClientId, document: string): Promise<Listing | undefined> => {
  const { Item } = await get(tenant, { Key: listingKey(tenant, home, document), ConsistentRead: true });
  return Item === undefined ? undefined : ListingSchema.parse(Item);
};

/** Which notes of this collection do not yet lead to this client alone, and where do they stand? One query. */
export const notesLeadingElsewhere = async (
  tenant: TenantId,
  home: ClientId,
  ownerId: ClientId,
): Promise<{ readonly id: NoteId; readonly places: readonly string[] }[]> => {
  const prefix = `${TERMS}${NOTE}`;
  const items = await queryAll(tenant, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': clientCollection(tenant, home), ':prefix': prefix },
    ConsistentRead: true,
  });
  return items
    .map((item) => ListingSchema.parse(item))
    .filter(({ settled, posted }) => !settled || posted.some(({ position }) => clientAt(position) !== ownerId))
    .map(({ sk, posted }) => ({
      id: NoteIdSchema.parse(sk.slice(prefix.length)),
      places: posted.map(({ document }) => document),
    }));
};

const isListed = (tenant: TenantId, { pk, sk }: Key, listing: Listing | undefined): boolean =>
  listing?.posted.some(
    ({ space, position, keys }) => position === sk && keys.some((key) => postings(tenant, space, key) === pk),
  ) === true;

/** A posting as it was scanned, and the listing that should have it, where one could. */
export interface Backed {
  readonly posting: Scanned;
  readonly listing: { readonly home: ClientId; readonly name: string } | undefined;
}

/** Which of these postings are listed by no document? One read, of up to a hundred listings. */
export const unlisted = async (tenant: TenantId, all: readonly Backed[]): Promise<Backed[]> => {
  const keyOf = ({ listing }: Backed): Key[] => (listing ? [listingKey(tenant, listing.home, listing.name)] : []);
  const keys = all.flatMap(keyOf);
  const read = keys.length === 0 ? () => undefined : await readTogether(tenant, keys);
  return all.filter((each) => {
    const [listing] = keyOf(each).map((key) => ListingSchema.safeParse(read(key)).data);
    return !isListed(tenant, each.posting, listing);
  });
};

/** It is still what was scanned. */
const asScanned = ({ home, document }: Scanned) => ({
  expression: Object.entries({ home, document })
    .map(([name, value]) => (value === undefined ? `attribute_not_exists(#${name})` : `#${name} = :${name}`))
    .join(' AND '),
  names: { '#home': 'home', '#document': 'document' },
  ...((home ?? document) !== undefined && {
    values: { ...(home !== undefined && { ':home': home }), ...(document !== undefined && { ':document': document }) },
  }),
});

/**
 * Removes a posting, unless its document is posted there after all. One read and one transaction.
 *
 * @returns whether it did
 * @throws Raced
 */
export const removeUnlisted = async (tenant: TenantId, { posting, listing }: Backed): Promise<boolean> => {
  const { pk, sk } = posting;
  const current = listing && (await findListing(tenant, listing.home, listing.name));
  if (isListed(tenant, posting, current)) return false;
  const same =
    listing &&
    check(listingKey(tenant, listing.home, listing.name), current === undefined ? absent : unchanged(current.revision));
  await commit(tenant, [remove({ pk, sk }, asScanned(posting)), ...(same === undefined ? [] : [same])]);
  return true;
};

type PostingItem = ReturnType<typeof postingItem>;

const itemsOf = (tenant: TenantId, home: ClientId, posted: readonly Posted[]): Map<string, PostingItem> =>
  new Map(
    posted
      .flatMap((each) => each.keys.map((key) => postingItem(tenant, each, key, { home, document: each.document })))
      .map((item) => [`${item.pk} ${item.sk}`, item]),
  );

/** What shall be posted of a document from now on. */
export interface Relisting {
  readonly home: ClientId;
  /** Names the document in its collection, wherever there it stands. */
  readonly name: string;
  readonly before: Listing | undefined;
  /** undefined: it is not to be found. */
  readonly findable: (Findable & Pick<Place, 'document'>) | undefined;
  readonly ownerId: ClientId | null;
  /** Conditions: what was decided from is still so. */
  readonly still: readonly Step[];
  /** Write also what is listed as posted already. */
  readonly anew: boolean;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-api */
const STEPS = 100;

const changesOf = (tenant: TenantId, { home, before, anew }: Relisting, after: readonly Posted[]): Step[] => {
  const listed = itemsOf(tenant, home, before?.posted ?? []);
  const wanted = itemsOf(tenant, home, after);
  const isThere = (id: string, { document }: PostingItem) =>
    before?.settled === true && !anew && listed.get(id)?.document === document;
  const added = [...wanted].filter(([id, item]) => !isThere(id, item)).map(([, item]) => put(item));
  const removed = [...listed].filter(([id]) => !wanted.has(id)).map(([, { pk, sk }]) => remove({ pk, sk }));
  return [...removed, ...added];
};

const listingStep = (
  key: Key,
  before: Pick<Listing, 'revision'> | undefined,
  content: Omit<Listing, 'sk' | 'revision'>,
) =>
  put(
    { ...key, ...content, revision: (before?.revision ?? 0) + 1 },
    before === undefined ? absent : unchanged(before.revision),
  );

const removal = (key: Key, before: Pick<Listing, 'revision'> | undefined): Step[] =>
  before === undefined ? [] : [remove(key, unchanged(before.revision))];

const inSlices = (steps: readonly Step[], size: number): Step[][] =>
  Array.from({ length: Math.max(1, Math.ceil(steps.length / size)) }, (_, at) =>
    steps.slice(at * size, (at + 1) * size),
  );

const union = (posted: readonly Posted[]): Posted[] =>
  [
    ...Map.groupBy(posted, ({ space, position, document }) => JSON.stringify([space, position, document])).values(),
  ].flatMap(([first, ...others]) =>
    first === undefined ? [] : { ...first, keys: [...new Set([first, ...others].flatMap(({ keys }) => keys))] },
  );

const isUpToDate = (before: Listing | undefined, ownerId: ClientId | null, isKept: boolean): boolean =>
  isKept ? before?.settled === true && before.ownerId === ownerId : before === undefined;

/**
 * Posts a document anew. One transaction for each hundred changes, none for none. Every one is made on the condition that
 * nobody else has posted the document meanwhile; of several the first lists all that any of them may post, so that whoever
 * comes after a crash knows what may be there.
 *
 * @throws Raced
 */
export const relist = async (tenant: TenantId, relisting: Relisting): Promise<void> => {
  const { home, name, before, findable, ownerId, still } = relisting;
  const after = findable === undefined || findable.keys.length === 0 ? [] : [{ ...findable, keys: [...findable.keys] }];
  const changes = changesOf(tenant, relisting, after);
  const isKept = after.length > 0 || ownerId !== null;
  if (changes.length === 0 && isUpToDate(before, ownerId, isKept)) return;
  const key = listingKey(tenant, home, name);
  const [last = [], ...others] = inSlices(changes, STEPS - still.length - 1).toReversed();
  const posted = union([...(before?.posted ?? []), ...after]);
  let current: Pick<Listing, 'revision'> | undefined = before;
  for (const slice of others) {
    await commit(tenant, [listingStep(key, current, { posted, settled: false, ownerId }), ...still, ...slice]);
    current = { revision: (current?.revision ?? 0) + 1 };
  }
  const settling = isKept
    ? [listingStep(key, current, { posted: after, settled: true, ownerId })]
    : removal(key, current);
  await commit(tenant, [...settling, ...still, ...last]);
};
