import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod';
import type { TenantId } from '../contract/vocabulary.ts';
import { query } from './client.ts';
import { openCursor, sealCursor } from './cursor.ts';

/** Which page is asked for. */
export interface Page {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Paged<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
}

type ListQuery = Omit<QueryCommandInput, 'TableName' | 'Limit' | 'ExclusiveStartKey'>;

/**
 * One page of one query. `list` names the list with all its filters; a cursor of another list is refused.
 * An item that cannot be parsed is an error: lists hide nothing.
 */
export const queryPage = async <Schema extends z.ZodType>(
  tenant: TenantId,
  list: string,
  schema: Schema,
  input: ListQuery,
  { limit, cursor }: Page,
): Promise<Paged<z.output<Schema>>> => {
  const start = cursor === undefined ? undefined : await openCursor(tenant, list, cursor);
  const { Items = [], LastEvaluatedKey } = await query(tenant, {
    ...input,
    Limit: limit,
    ...(start && { ExclusiveStartKey: start }),
  });
  return {
    items: Items.map((item) => schema.parse(item)),
    nextCursor: LastEvaluatedKey === undefined ? null : await sealCursor(tenant, list, LastEvaluatedKey),
  };
};
