import { setTimeout as wait } from 'node:timers/promises';
import { AuditEntrySchema, type AuditEntry } from '../contract/audit.ts';
import type { TenantId } from '../contract/vocabulary.ts';
import { batchWrite } from './client.ts';
import { auditDay, auditOfActor, auditOfSubject, auditTrail } from './keys.ts';
import { queryPage, type Page, type Paged } from './page.ts';

const auditItem = (tenant: TenantId, entry: AuditEntry) => {
  const position = `${entry.occurredAt}#${entry.id}`;
  return {
    pk: auditDay(tenant, entry.occurredAt.slice(0, 10)),
    sk: position,
    ...entry,
    gsi1pk: auditTrail(tenant),
    gsi1sk: position,
    gsi2pk: auditOfSubject(tenant, entry.subject.id),
    gsi2sk: position,
    gsi3pk: auditOfActor(tenant, entry.actor.id),
    gsi3sk: position,
  };
};

const BATCH = 25;
const ATTEMPTS = 6;

/** Writes what is left until nothing is. */
const writeAll = async (tenant: TenantId, requests: Parameters<typeof batchWrite>[1]): Promise<void> => {
  let left = requests;
  for (let attempt = 0; left.length > 0; attempt += 1) {
    if (attempt === ATTEMPTS) throw new Error(`The table left ${left.length} audit entries unwritten.`);
    if (attempt > 0) await wait(Math.random() * 20 * 2 ** attempt);
    const { UnprocessedItems = {} } = await batchWrite(tenant, left);
    left = Object.values(UnprocessedItems).flat();
  }
};

/** Events come more than once, and a batch takes no item twice. */
const distinct = (entries: readonly AuditEntry[]): AuditEntry[] => [
  ...new Map(entries.map((entry) => [entry.id, entry])).values(),
];

/** Adds entries; one that is there already stays as it is, since its key and content follow from its event. */
export const writeAudit = async (tenant: TenantId, entries: readonly AuditEntry[]): Promise<void> => {
  const left = distinct(entries);
  for (let start = 0; start < left.length; start += BATCH) {
    const batch = left.slice(start, start + BATCH);
    await writeAll(
      tenant,
      batch.map((entry) => ({ PutRequest: { Item: auditItem(tenant, entry) } })),
    );
  }
};

interface AuditFilter {
  readonly subjectId?: string | undefined;
  readonly actorId?: string | undefined;
}

/** What was done, newest first; to one subject or by one actor if asked? One query, a page of items. */
export const listAudit = (tenant: TenantId, filter: AuditFilter, page: Page): Promise<Paged<AuditEntry>> => {
  const { subjectId, actorId } = filter;
  const [index, partition] =
    subjectId !== undefined
      ? ['gsi2', auditOfSubject(tenant, subjectId)]
      : actorId !== undefined
        ? ['gsi3', auditOfActor(tenant, actorId)]
        : ['gsi1', auditTrail(tenant)];
  const narrowed = subjectId !== undefined && actorId !== undefined;
  return queryPage(
    tenant,
    `audit:${JSON.stringify(filter)}`,
    AuditEntrySchema,
    {
      IndexName: index,
      KeyConditionExpression: `${index}pk = :pk`,
      ExpressionAttributeValues: { ':pk': partition, ...(narrowed && { ':actorId': actorId }) },
      ScanIndexForward: false,
      ...(narrowed && {
        FilterExpression: '#actor.#id = :actorId',
        ExpressionAttributeNames: { '#actor': 'actor', '#id': 'id' },
      }),
    },
    page,
  );
};
