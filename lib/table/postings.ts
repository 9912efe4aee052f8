import * as z from 'zod';
import { ClientIdSchema, type ClientId, type TenantId } from '../contract/vocabulary.ts';
import type { Findable, Space } from '../domain/findable.ts';
import { query } from './client.ts';
import { postings, postingsInChat, type Key } from './keys.ts';
import type { Stretch } from './merged.ts';

const PostingSchema = z.object({
  /** Its place in the order of its space. */
  sk: z.string(),
  /** In whose collection the document stands, and under which sort key. */
  home: ClientIdSchema,
  document: z.string(),
});
export type Posting = z.infer<typeof PostingSchema>;

/** Where a document stands. */
export interface Place {
  readonly home: ClientId;
  readonly document: string;
}

/** What leads from a term to a document; of a message also among those of its chat. */
export const postingItem = (
  tenant: TenantId,
  { space, position }: Pick<Findable, 'space' | 'position'>,
  term: string,
  { home, document }: Place,
): Key & Record<string, unknown> => ({
  pk: postings(tenant, space, term),
  sk: position,
  home,
  document,
  ...(space[0] === 'MESSAGE' && { gsi1pk: postingsInChat(tenant, home, term), gsi1sk: position }),
});

/** A list of postings, newest last. */
export interface PostingList {
  readonly index?: 'gsi1';
  readonly partition: string;
}

export const postingsOf = (tenant: TenantId, space: Space, term: string): PostingList => ({
  partition: postings(tenant, space, term),
});

export const postingsOfChat = (tenant: TenantId, chatId: ClientId, term: string): PostingList => ({
  index: 'gsi1',
  partition: postingsInChat(tenant, chatId, term),
});

const readList = async (
  tenant: TenantId,
  { index, partition }: PostingList,
  before: string,
  limit: number,
): Promise<Stretch<Posting>> => {
  const [pk, sk] = index === undefined ? ['pk', 'sk'] : (['gsi1pk', 'gsi1sk'] as const);
  const { Items = [], LastEvaluatedKey } = await query(tenant, {
    IndexName: index,
    KeyConditionExpression: `${pk} = :pk AND ${sk} < :before`,
    ExpressionAttributeValues: { ':pk': partition, ':before': before },
    ScanIndexForward: false,
    Limit: limit,
  });
  const items = Items.map((item) => PostingSchema.parse(item));
  return { items, reachedTo: LastEvaluatedKey === undefined ? undefined : items.at(-1)?.sk };
};

/** Several stretches as one, newest first, down to where all of them were read. */
export const joined = (stretches: readonly Stretch<Posting>[]): Stretch<Posting> => {
  const reached = stretches.flatMap(({ reachedTo }) => reachedTo ?? []);
  const reachedTo = reached.toSorted().at(-1);
  const distinct = new Map(stretches.flatMap(({ items }) => items).map((posting) => [posting.sk, posting]));
  const items = [...distinct.values()]
    .filter(({ sk }) => reachedTo === undefined || sk >= reachedTo)
    .toSorted((one, other) => (one.sk < other.sk ? 1 : -1));
  return { items, reachedTo };
};

/** Newer than every position. */
export const NEWEST = '~';

/** What stands in any of these lists before this position, newest first? One query each, a page of items. */
export const readPostings = async (
  tenant: TenantId,
  lists: readonly PostingList[],
  before: string,
  limit: number,
): Promise<Stretch<Posting>> => joined(await Promise.all(lists.map((list) => readList(tenant, list, before, limit))));
