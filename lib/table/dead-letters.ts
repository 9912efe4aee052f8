import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { TenantId } from '../contract/vocabulary.ts';
import { query } from './client.ts';
import { deadLetters } from './keys.ts';
import { commit, put, remove, type Step } from './transaction.ts';

export interface DeadLetter {
  readonly source: 'webhook' | 'stream' | 'queue';
  readonly reason: string;
  readonly payload: string;
  readonly receivedAt: string;
}

/** Keeps what could not be handled, whole. The same payload is kept once, however often it comes. */
export const keepDeadLetter = (tenant: TenantId, letter: DeadLetter): Promise<void> => {
  const id = createHash('sha256').update(letter.payload).digest('hex');
  return commit(tenant, [put({ pk: deadLetters(tenant), sk: `${letter.source}#${id}`, id, ...letter })]);
};

const KeptSchema = z.object({
  /** Its place among the tenant's dead letters. */
  sk: z.string(),
  /** Itself, or where in the bucket it lies. */
  payload: z.string(),
});
type Kept = z.infer<typeof KeptSchema>;

/** What could not be handled, after a place among it? One query, a page of items; the place is undefined after the last. */
export const listDeadLetters = async (
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

export const removeDeadLetter = (tenant: TenantId, { sk }: Kept): Step => remove({ pk: deadLetters(tenant), sk });
