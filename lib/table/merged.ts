import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { TenantId } from '../contract/vocabulary.ts';
import { EVER, type RetainedKind } from '../domain/retention.ts';
import { query } from './client.ts';
import { openCursor, sealCursor } from './cursor.ts';
import type { Page, Paged } from './page.ts';
import { oldestShownId } from './retained.ts';

/** What a source holds next, newest first. */
export interface Stretch<Item> {
  readonly items: readonly Item[];
  /** The position down to which it was read; undefined when nothing older is there. */
  readonly reachedTo: string | undefined;
}

/**
 * Gives up to `limit` items older than `before`, newest first.
 *
 * @param before a position; undefined: from the newest
 */
export type Source<Item> = (before: string | undefined, limit: number) => Promise<Stretch<Item>>;

/** Newer than every position. */
const NEWEST = '~';
/** Older than every position. */
const OLDEST = '';

const newestOf = (positions: readonly string[]): string =>
  positions.reduce((newest, position) => (position > newest ? position : newest), OLDEST);

/**
 * One page of several lists as if they were one, newest first. A position is what items sort by, the same in every list:
 * an id (UUIDv7). As many queries as there are sources, side by side.
 *
 * A page ends where a source was not read further, so it may be shorter than its limit.
 */
export const pageOfMany = async <Item>(
  tenant: TenantId,
  list: string,
  sources: readonly Source<Item>[],
  positionOf: (item: Item) => string,
  { limit, cursor }: Page,
): Promise<Paged<Item>> => {
  const before = cursor === undefined ? undefined : (await openCursor(tenant, list, cursor)).before;
  const stretches = await Promise.all(sources.map((source) => source(before, limit)));
  const frontier = newestOf(stretches.flatMap(({ reachedTo }) => reachedTo ?? []));
  const known = stretches
    .flatMap(({ items }) => items)
    .filter((item) => positionOf(item) >= frontier)
    .toSorted((one, other) => (positionOf(one) < positionOf(other) ? 1 : -1));
  const items = known.slice(0, limit);
  const last = items.at(-1);
  const isCut = known.length > limit && last !== undefined;
  const next = isCut ? positionOf(last) : frontier;
  return { items, nextCursor: next === OLDEST ? null : await sealCursor(tenant, list, { before: next }) };
};

/** The greatest text that sorts before `position`, as near as matters: positions are printable and of one length. */
const justBefore = (position: string): string =>
  `${position.slice(0, -1)}${String.fromCharCode(position.charCodeAt(position.length - 1) - 1)}~`;

const KeySchema = z.object({ sk: z.string() });

interface Narrowing extends Pick<
  QueryCommandInput,
  'FilterExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
> {
  /** As what it is kept for so many days only: what is older is not read. */
  readonly kind?: RetainedKind;
}

/** The items of a partition whose sort key is `prefix` and a position. One query, of the table itself. */
export const newestFirst =
  <Schema extends z.ZodType>(
    tenant: TenantId,
    pk: string,
    prefix: string,
    schema: Schema,
    { kind, ...filter }: Narrowing = {},
  ): Source<z.output<Schema>> =>
  async (before, limit) => {
    const from = kind === undefined ? EVER : await oldestShownId(tenant, kind);
    const to = before === undefined ? NEWEST : justBefore(before);
    // Nothing stands between two places that are the wrong way round, and the table refuses to look.
    if (from > to) return { items: [], reachedTo: undefined };
    const { Items = [], LastEvaluatedKey } = await query(tenant, {
      ...filter,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ...filter.ExpressionAttributeValues,
        ':pk': pk,
        ':from': `${prefix}${from}`,
        ':to': `${prefix}${to}`,
      },
      ScanIndexForward: false,
      Limit: limit,
    });
    return {
      items: Items.map((item) => schema.parse(item)),
      reachedTo: LastEvaluatedKey === undefined ? undefined : KeySchema.parse(LastEvaluatedKey).sk.slice(prefix.length),
    };
  };

/** What moves from one source to another between two queries of a page is in both: it is one. */
export const distinctById = <Item extends { readonly id: string }>(items: readonly Item[]): Item[] => [
  ...new Map(items.map((item) => [item.id, item])).values(),
];
