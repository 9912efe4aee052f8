import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { DeadLetterId, DeadLetterSource } from '../contract/dead-letters.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import { instant, type Act } from '../domain/act.ts';
import { DeadLetterRecordSchema, letterIdOf, type DeadLetterRecord, type Undelivered } from '../domain/dead-letter.ts';
import { notFound } from '../domain/failure.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { get, query, transactWrite } from './client.ts';
import {
  deadLetterKey,
  deadLetters,
  deadLettersOf,
  dueShard,
  lettersByTime,
  OPEN_LETTERS,
  ownerlessLetterKey,
} from './keys.ts';
import { announce } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { commit, put, remove, replace, unchanged, update, type Step } from './transaction.ts';

/** Whether the letter came now, or had come already. */
class KnownLetter extends Error {
  override name = 'KnownLetter';
}

const idOf = ({ id, source, entry, payload }: Undelivered): DeadLetterId =>
  id ??
  letterIdOf(
    createHash('sha256')
      .update(`${source} ${entry ?? payload}`)
      .digest('hex'),
  );

const listKeys = (tenant: TenantId, { id, origin, at }: { id: string; origin: string; at: string }) => ({
  gsi1pk: lettersByTime(tenant),
  gsi1sk: `${at}#${id}`,
  gsi2pk: deadLettersOf(tenant, origin),
  gsi2sk: `${at}#${id}`,
});

const KEPT_SECONDS = 90 * 24 * 3600;
/** The bucket forgets what lies there as old as this; what leads there, and lets an erasure find it, stays until it did. */
const AFTER_BUCKET_SECONDS = 7 * 24 * 3600;

const isInBucket = (payload: string): boolean => payload.startsWith('s3:');

/** When a letter that came is forgotten, unless it comes again. */
const expiryOf = (payload: string, receivedAt: string): number =>
  Math.floor(Date.parse(receivedAt) / 1000) + KEPT_SECONDS + (isInBucket(payload) ? AFTER_BUCKET_SECONDS : 0);

/** What is set anew each time it comes: it is open again. */
const arrivalOf = (tenant: TenantId, id: DeadLetterId, letter: Undelivered): Record<string, unknown> => ({
  reason: letter.reason,
  state: 'open',
  lastReceivedAt: letter.receivedAt,
  expiresAt: expiryOf(letter.payload, letter.receivedAt),
  ...(letter.entry !== undefined && { entry: letter.entry }),
  ...listKeys(tenant, { id, origin: letter.origin, at: letter.receivedAt }),
  gsi4pk: OPEN_LETTERS,
  gsi4sk: `${letter.receivedAt}#${id}`,
});

const firstTimeOf = (id: DeadLetterId, letter: Undelivered): Record<string, unknown> => ({
  id,
  source: letter.source,
  origin: letter.origin,
  payload: letter.payload,
  receivedAt: letter.receivedAt,
  ...(letter.way !== undefined && { way: letter.way }),
});

/**
 * Keeps what could not be handled, whole, for ninety days. The same letter is kept once, however often it comes, and counts
 * that; a queue's entry counts once, however often it is handed over. One transaction.
 */
export const keepDeadLetter = async (tenant: TenantId, letter: Undelivered): Promise<void> => {
  const id = idOf(letter);
  const anew = Object.entries(arrivalOf(tenant, id, letter));
  const once = Object.entries(firstTimeOf(id, letter));
  const sets = [
    // In full, so that the guard can read them.
    ...anew.map(([name]) => (name.startsWith('gsi') ? `${name} = :${name}` : `#${name} = :${name}`)),
    ...once.map(([name]) => `#${name} = if_not_exists(#${name}, :${name})`),
    '#count = if_not_exists(#count, :zero) + :one',
    '#revision = if_not_exists(#revision, :zero) + :one',
  ];
  const plain = [...anew, ...once].map(([name]) => name).filter((name) => !name.startsWith('gsi'));
  const step = update(
    deadLetterKey(tenant, id),
    {
      expression: `SET ${sets.join(', ')} REMOVE #discardedAt`,
      names: Object.fromEntries([...plain, 'count', 'revision', 'discardedAt'].map((name) => [`#${name}`, name])),
      values: {
        ...Object.fromEntries([...anew, ...once].map(([name, value]) => [`:${name}`, value])),
        ':zero': 0,
        ':one': 1,
      },
      ...(letter.entry !== undefined && { condition: 'attribute_not_exists(#entry) OR #entry <> :entry' }),
    },
    () => new KnownLetter('This entry was kept before.'),
  );
  await commit(tenant, [step]).catch((error: unknown) => {
    if (!(error instanceof KnownLetter)) throw error;
  });
};

/** Keeps what belongs to no tenant that we can tell: for operators alone, and for ninety days. */
export const keepOwnerless = async (letter: Undelivered): Promise<void> => {
  const id = idOf(letter);
  const expiresAt = expiryOf(letter.payload, letter.receivedAt);
  await transactWrite(undefined, [put({ ...ownerlessLetterKey(id), ...letter, id, expiresAt }).request]);
};

/** Which dead letter has this id? One read. @throws Failure `resource.not-found` */
export const getDeadLetter = async (tenant: TenantId, id: DeadLetterId): Promise<DeadLetterRecord> => {
  const { Item } = await get(tenant, { Key: deadLetterKey(tenant, id), ConsistentRead: true });
  if (Item === undefined || Item.discardedAt !== undefined) throw notFound();
  return DeadLetterRecordSchema.parse(Item);
};

export interface DeadLetterFilter {
  readonly source?: DeadLetterSource | undefined;
  readonly origin?: string | undefined;
  readonly reason?: string | undefined;
  readonly state?: DeadLetterRecord['state'] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Nothing stands between two times that are the wrong way round, and the table refuses to look. */
const isEmpty = ({ from = '0', to = '~' }: DeadLetterFilter): boolean => from > to;

const asked = (tenant: TenantId, { source, origin, reason, state, from, to }: DeadLetterFilter) => {
  const [index, partition] =
    origin === undefined ? ['gsi1', lettersByTime(tenant)] : ['gsi2', deadLettersOf(tenant, origin)];
  const conditions = [
    ...(source === undefined ? [] : ['#source = :source']),
    ...(state === undefined ? [] : ['#state = :state']),
    ...(reason === undefined ? [] : ['contains(#reason, :reason)']),
  ];
  const given = Object.entries({ source, state, reason }).filter(([, value]) => value !== undefined);
  return {
    IndexName: index,
    KeyConditionExpression: `${index}pk = :pk AND ${index}sk BETWEEN :from AND :to`,
    ExpressionAttributeValues: {
      ':pk': partition,
      ':from': from ?? '0',
      // What came at `to` itself has a longer position.
      ':to': to ?? '~',
      ...Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])),
    },
    ...(conditions.length > 0 && {
      FilterExpression: conditions.join(' AND '),
      ExpressionAttributeNames: Object.fromEntries(given.map(([name]) => [`#${name}`, name])),
    }),
  };
};

/** What could not be handled, last received first? One query, a page of items that may be short where it is filtered. */
export const listDeadLetters = async (
  tenant: TenantId,
  filter: DeadLetterFilter,
  page: Page,
): Promise<Paged<DeadLetterRecord>> => {
  if (isEmpty(filter)) return { items: [], nextCursor: null };
  return queryPage(
    tenant,
    `dead-letters:${JSON.stringify(filter)}`,
    DeadLetterRecordSchema,
    { ...asked(tenant, filter), ScanIndexForward: false },
    page,
  );
};

interface Walked {
  readonly letters: readonly DeadLetterRecord[];
  /** Undefined after the last. */
  readonly next: string | undefined;
}

const PlaceSchema = z.union([
  z.object({ gsi1sk: z.string() }).transform(({ gsi1sk }) => gsi1sk),
  z.object({ gsi2sk: z.string() }).transform(({ gsi2sk }) => gsi2sk),
]);

/** The same, oldest first, after a position. One query, a page of items. */
export const walkDeadLetters = async (
  tenant: TenantId,
  filter: DeadLetterFilter,
  after: string | null,
  limit: number,
): Promise<Walked> => {
  // A space sorts before every character of a position, so that what stands at `after` itself is not found again.
  const rest = { ...filter, ...(after !== null && { from: `${after} ` }) };
  if (isEmpty(rest)) return { letters: [], next: undefined };
  const { Items = [], LastEvaluatedKey } = await query(tenant, { ...asked(tenant, rest), Limit: limit });
  return {
    letters: Items.map((item) => DeadLetterRecordSchema.parse(item)),
    next: LastEvaluatedKey === undefined ? undefined : PlaceSchema.parse(LastEvaluatedKey),
  };
};

const REDRIVEN_SECONDS = 30 * 24 * 3600;

/**
 * The letter goes where the steps lead. It is forgotten after a month, unless it comes again, but never while its payload
 * lies in the bucket. @throws Raced
 */
export const saveRedriven = (
  act: Act,
  before: DeadLetterRecord,
  after: DeadLetterRecord,
  steps: readonly Step[],
  event: DomainEvent,
): Promise<void> => {
  const { tenant } = act;
  const { id, origin, lastReceivedAt: at, payload } = after;
  const inAMonth = Math.floor(act.now().getTime() / 1000) + REDRIVEN_SECONDS;
  const expiresAt = isInBucket(payload) ? Math.max(inAMonth, expiryOf(payload, at)) : inAMonth;
  return commit(tenant, [
    replace({ ...deadLetterKey(tenant, id), ...after, ...listKeys(tenant, { id, origin, at }), expiresAt }, before),
    ...steps,
    announce(event),
  ]);
};

/**
 * Removes a letter. Where its payload lies in the bucket, a hidden rest of it waits for the due job, which removes both.
 * One transaction. @throws Raced
 */
export const discardLetter = (act: Act, letter: DeadLetterRecord, event: DomainEvent): Promise<void> => {
  const { tenant } = act;
  const key = deadLetterKey(tenant, letter.id);
  const discardedAt = instant(act.now());
  const due = { gsi4pk: dueShard(letter.id), gsi4sk: `${discardedAt}#${letter.id}` };
  return commit(tenant, [
    isInBucket(letter.payload)
      ? replace({ ...key, ...letter, discardedAt, ...due }, letter)
      : remove(key, unchanged(letter.revision)),
    announce(event),
  ]);
};

/** Which payload has to go with this letter? One read; undefined when the letter was not discarded, or came again. */
export const findDiscarded = async (tenant: TenantId, id: DeadLetterId): Promise<DeadLetterRecord | undefined> => {
  const { Item } = await get(tenant, { Key: deadLetterKey(tenant, id), ConsistentRead: true });
  return Item?.discardedAt === undefined ? undefined : DeadLetterRecordSchema.parse(Item);
};

/** Removes what is left of a discarded letter. @throws Raced */
export const removeDiscarded = (tenant: TenantId, { id, revision }: DeadLetterRecord): Promise<void> =>
  commit(tenant, [remove(deadLetterKey(tenant, id), unchanged(revision))]);

const KeptSchema = z
  .looseObject({
    sk: z.string(),
    payload: z.string().default(''),
    outbox: z.unknown().optional(),
    way: z.unknown().optional(),
  })
  .transform(({ sk, payload, outbox, way }) => ({
    /** Its place among the tenant's dead letters. */
    sk,
    /** Itself, or where in the bucket it lies. */
    payload,
    /** What else tells of somebody: where it came from, or what of it is on its way back. */
    beside: JSON.stringify([outbox ?? null, way ?? null]),
  }));
type Kept = z.infer<typeof KeptSchema>;

/** What could not be handled, and what of it is being redriven, after a place among it? One query, a page of items; the place is undefined after the last. */
export const listKept = async (
  tenant: TenantId,
  after: string | null,
  limit: number,
): Promise<{ readonly letters: readonly Kept[]; readonly next: string | undefined }> => {
  const { Items = [], LastEvaluatedKey } = await query(tenant, {
    KeyConditionExpression: after === null ? 'pk = :pk' : 'pk = :pk AND sk > :after',
    ExpressionAttributeValues: { ':pk': deadLetters(tenant), ...(after !== null && { ':after': after }) },
    Limit: limit,
    ConsistentRead: true,
  });
  const letters = Items.map((item) => KeptSchema.parse(item));
  return { letters, next: LastEvaluatedKey === undefined ? undefined : letters.at(-1)?.sk };
};

export const removeKept = (tenant: TenantId, { sk }: Kept): Step => remove({ pk: deadLetters(tenant), sk });
