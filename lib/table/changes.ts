import * as z from 'zod';
import type { TenantId } from '../contract/vocabulary.ts';
import { ChangedSchema, type Changed } from '../domain/realtime.ts';
import { query } from './client.ts';
import { changesOn } from './team-keys.ts';
import { commit, put } from './transaction.ts';

/** For how long changes can be asked for. */
export const CHANGES_KEPT_SECONDS = 24 * 3600;

const dayOf = (instant: string): string => instant.slice(0, 10);

interface Batch {
  readonly id: string;
  /** When it was begun to tell of them. */
  readonly at: string;
  readonly changes: readonly Changed[];
}

/** Writes down what was changed, for those who do not hear of it now. One transaction. */
export const recordChanges = (tenant: TenantId, { id, at, changes }: Batch): Promise<void> =>
  commit(tenant, [
    put({
      pk: changesOn(tenant, dayOf(at)),
      sk: `${at}#${id}`,
      changes,
      expiresAt: Math.floor(Date.parse(at) / 1000) + CHANGES_KEPT_SECONDS + 3600,
    }),
  ]);

const BatchSchema = z.object({ sk: z.string(), changes: z.array(ChangedSchema) });

interface ChangesPage {
  readonly changes: Changed[];
  /** After what the next page starts; null when this was the last. */
  readonly next: string | null;
}

const dayAfter = (day: string): string => dayOf(new Date(Date.parse(day) + 24 * 3600 * 1000).toISOString());

/**
 * What was changed after a place in the log, until now, in the order in which it was told? One query for each day, a page
 * of items altogether.
 */
export const listChanged = async (
  tenant: TenantId,
  after: string,
  now: string,
  limit: number,
): Promise<ChangesPage> => {
  const changes: Changed[] = [];
  let left = limit;
  for (let day = dayOf(after); day <= dayOf(now); day = dayAfter(day)) {
    const { Items = [], LastEvaluatedKey } = await query(tenant, {
      KeyConditionExpression: 'pk = :pk AND sk > :after',
      ExpressionAttributeValues: { ':pk': changesOn(tenant, day), ':after': after },
      Limit: left,
      ConsistentRead: true,
    });
    const batches = Items.map((item) => BatchSchema.parse(item));
    changes.push(...batches.flatMap((batch) => batch.changes));
    left -= batches.length;
    const last = batches.at(-1)?.sk;
    if (LastEvaluatedKey !== undefined && last !== undefined) return { changes, next: last };
    if (left === 0) return { changes, next: day === dayOf(now) ? null : dayAfter(day) };
  }
  return { changes, next: null };
};
