import * as z from 'zod';
import { AuditEntrySchema, type AuditEntry } from '../contract/audit.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import { hashOfEntry, positionOf } from '../domain/seal.ts';
import { getTogether, query } from './client.ts';
import { auditDay, auditOfActor, auditOfSubject, auditTrail, type Key } from './keys.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { oldestShown } from './retained.ts';
import { markUnsealed, sha256 } from './seals.ts';
import { absent, commit, put, remove, type Step } from './transaction.ts';

const dayOf = (position: string): string => position.slice(0, 10);

const auditKey = (tenant: TenantId, entry: AuditEntry): Key => {
  const position = positionOf(entry);
  return { pk: auditDay(tenant, dayOf(position)), sk: position };
};

const auditItem = (tenant: TenantId, entry: AuditEntry) => {
  const position = positionOf(entry);
  return {
    ...auditKey(tenant, entry),
    ...entry,
    gsi1pk: auditTrail(tenant),
    gsi1sk: position,
    gsi2pk: auditOfSubject(tenant, entry.subject.id),
    gsi2sk: position,
    gsi3pk: auditOfActor(tenant, entry.actor.id),
    gsi3sk: position,
  };
};

/** Its event came before. */
class WrittenBefore extends Error {
  override name = 'WrittenBefore';
}

/** An entry, and that it is in no seal yet. One that is there already stays as it is, and is not sealed once more. */
const entrySteps = (tenant: TenantId, entry: AuditEntry): Step[] => [
  put(auditItem(tenant, entry), absent, () => new WrittenBefore('This entry is there.')),
  markUnsealed(tenant, { position: positionOf(entry), hash: hashOfEntry(entry, sha256) }),
];

const PresentSchema = z.object({ sk: z.string() });

const missingOf = async (tenant: TenantId, entries: readonly AuditEntry[]): Promise<AuditEntry[]> => {
  const keys = entries.map((entry) => auditKey(tenant, entry));
  const items = await getTogether(tenant, keys, ['sk']);
  const present = new Set(items.map((item) => PresentSchema.parse(item).sk));
  return entries.filter((entry) => !present.has(positionOf(entry)));
};

/** Two items each, in one transaction. */
const BATCH = 40;
const ATTEMPTS = 5;

const writeBatch = async (tenant: TenantId, entries: readonly AuditEntry[]): Promise<void> => {
  let left = entries;
  for (let attempt = 0; left.length > 0; attempt += 1) {
    try {
      await commit(
        tenant,
        left.flatMap((entry) => entrySteps(tenant, entry)),
      );
      return;
    } catch (error) {
      if (!(error instanceof WrittenBefore) || attempt === ATTEMPTS) throw error;
      left = await missingOf(tenant, left);
    }
  }
};

/** Events come more than once, and a transaction takes no item twice. */
const distinct = (entries: readonly AuditEntry[]): AuditEntry[] => [
  ...new Map(entries.map((entry) => [entry.id, entry])).values(),
];

/** Adds entries; what is there already stays as it is. One transaction for each 40, one read more where some are there. */
export const writeAudit = async (tenant: TenantId, entries: readonly AuditEntry[]): Promise<void> => {
  const left = distinct(entries);
  for (let start = 0; start < left.length; start += BATCH) await writeBatch(tenant, left.slice(start, start + BATCH));
};

interface AuditFilter {
  readonly subjectId?: string | undefined;
  readonly actorId?: string | undefined;
  /** From this instant on. */
  readonly from?: string | undefined;
  /** What sorts before this: an instant, or the end of a day. */
  readonly to?: string | undefined;
}

const indexOf = (tenant: TenantId, { subjectId, actorId }: AuditFilter): readonly [string, string] => {
  if (subjectId !== undefined) return ['gsi2', auditOfSubject(tenant, subjectId)];
  if (actorId !== undefined) return ['gsi3', auditOfActor(tenant, actorId)];
  return ['gsi1', auditTrail(tenant)];
};

/**
 * What was done, newest first; to one subject, by one actor, within a time, if asked? One query, a page of items, which
 * may be short where both subject and actor are said.
 */
export const listAudit = async (tenant: TenantId, filter: AuditFilter, page: Page): Promise<Paged<AuditEntry>> => {
  const { subjectId, actorId, from = '0', to = '~' } = filter;
  const oldest = await oldestShown(tenant, 'audit');
  // Nothing stands between two places that are the wrong way round, and the table refuses to look.
  if (oldest > to || from > to) return { items: [], nextCursor: null };
  const [index, partition] = indexOf(tenant, filter);
  const narrowed = subjectId !== undefined && actorId !== undefined;
  return queryPage(
    tenant,
    `audit:${JSON.stringify(filter)}`,
    AuditEntrySchema,
    {
      IndexName: index,
      KeyConditionExpression: `${index}pk = :pk AND ${index}sk BETWEEN :from AND :to`,
      ExpressionAttributeValues: {
        ':pk': partition,
        ':from': oldest > from ? oldest : from,
        // What happened at `to` itself has a longer position.
        ':to': to,
        ...(narrowed && { ':actorId': actorId }),
      },
      ScanIndexForward: false,
      ...(narrowed && {
        FilterExpression: '#actor.#id = :actorId',
        ExpressionAttributeNames: { '#actor': 'actor', '#id': 'id' },
      }),
    },
    page,
  );
};

/** An item of the log as it is stored, and as the entry that it should be. */
export interface StoredEntry {
  readonly position: string;
  readonly entry: AuditEntry | undefined;
}

/** What stands in the log of this day, oldest first, after a position? One query, a page of items. */
export const listDay = async (
  tenant: TenantId,
  day: string,
  after: string | undefined,
  limit: number,
): Promise<StoredEntry[]> => {
  const { Items = [] } = await query(tenant, {
    KeyConditionExpression: after === undefined ? 'pk = :pk' : 'pk = :pk AND sk > :after',
    ExpressionAttributeValues: { ':pk': auditDay(tenant, day), ...(after !== undefined && { ':after': after }) },
    Limit: limit,
    ConsistentRead: true,
  });
  return Items.map((item) => ({
    position: z.string().parse(item.sk),
    entry: AuditEntrySchema.safeParse(item).data,
  }));
};

/** On which day is there an entry of the log first, after this one? One query. */
export const firstDay = async (tenant: TenantId, after: string | null = null): Promise<string | undefined> => {
  const { Items = [] } = await query(tenant, {
    IndexName: 'gsi1',
    KeyConditionExpression: 'gsi1pk = :pk AND gsi1sk > :after',
    ExpressionAttributeValues: { ':pk': auditTrail(tenant), ':after': after === null ? '0' : `${after}~` },
    Limit: 1,
  });
  return Items.map((item) => dayOf(PresentSchema.parse(item).sk))[0];
};

const REMOVED_AT_ONCE = 100;

interface RemovedEntries {
  readonly removed: number;
  /** The last day that was emptied. */
  readonly emptied: string | null;
  readonly isDone: boolean;
}

/**
 * Removes entries of the log from before an instant, oldest first: those of the first day after one that was emptied, up to a
 * number. The index may show them for a while longer, so that days are gone through by what was emptied. Two queries and one
 * transaction for each hundred.
 */
export const removeAuditBefore = async (
  tenant: TenantId,
  oldest: string,
  emptied: string | null,
  most: number,
): Promise<RemovedEntries> => {
  const day = oldest === '' ? undefined : await firstDay(tenant, emptied);
  if (day === undefined || day >= dayOf(oldest)) return { removed: 0, emptied, isDone: true };
  const entries = await listDay(tenant, day, undefined, most);
  for (let start = 0; start < entries.length; start += REMOVED_AT_ONCE) {
    const slice = entries.slice(start, start + REMOVED_AT_ONCE);
    await commit(
      tenant,
      slice.map(({ position }) => remove({ pk: auditDay(tenant, day), sk: position })),
    );
  }
  return { removed: entries.length, emptied: entries.length < most ? day : emptied, isDone: false };
};
