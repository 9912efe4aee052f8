import type { ClientId, TenantId } from '../contract/vocabulary.ts';
import { ChatRecordSchema, type ChatRecord } from '../domain/chat.ts';
import { ClientRecordSchema, type ClientRecord } from '../domain/client.ts';
import { ProjectionRecordSchema, type ProjectionRecord, type Stretch } from '../domain/projection.ts';
import { getTogether } from './client.ts';
import { CHAT, chatKey, CLIENT, clientCollection, clientKey, projectionShard, rowsKey } from './keys.ts';
import { countedBy, countSteps, rowSteps } from './projection-rows.ts';
import { absent, check, commit, put, remove, type Step } from './transaction.ts';

/** What is written of these clients? One read. */
export const findProjections = async (
  tenant: TenantId,
  ids: readonly ClientId[],
): Promise<(id: ClientId) => ProjectionRecord | undefined> => {
  const items = await getTogether(
    tenant,
    ids.map((id) => rowsKey(tenant, id)),
  );
  const records = new Map(items.map((item) => [item.pk, ProjectionRecordSchema.parse(item)]));
  return (id) => records.get(clientCollection(tenant, id));
};

interface Subject {
  readonly client: ClientRecord | undefined;
  readonly chat: ChatRecord | undefined;
}

/** Who are these clients, and how do their chats stand? One read. */
export const findSubjects = async (tenant: TenantId, ids: readonly ClientId[]): Promise<(id: ClientId) => Subject> => {
  const items = await getTogether(
    tenant,
    ids.flatMap((id) => [clientKey(tenant, id), chatKey(tenant, id)]),
  );
  const find = (id: ClientId, sort: string) =>
    items.find(({ pk, sk }) => pk === clientCollection(tenant, id) && sk === sort);
  return (id) => ({
    client: ClientRecordSchema.optional().parse(find(id, CLIENT)),
    chat: ChatRecordSchema.optional().parse(find(id, CHAT)),
  });
};

const recordItem = (tenant: TenantId, clientId: ClientId, record: ProjectionRecord) => ({
  ...rowsKey(tenant, clientId),
  ...record,
  ...(record.dueAt !== null && { gsi4pk: projectionShard(clientId), gsi4sk: `${record.dueAt}#${clientId}` }),
});

/** The record of what is written. Whoever has not read the last one writes nothing. */
const recordSteps = (tenant: TenantId, { clientId, before, after, client }: Stretch): Step[] => {
  const same = before && { expression: 'stamp = :stamp', values: { ':stamp': before.stamp } };
  if (after === undefined) return [remove(rowsKey(tenant, clientId), same)];
  if (same !== undefined) return [put(recordItem(tenant, clientId, after), same)];
  return [
    put(recordItem(tenant, clientId, after), absent),
    // Where no record tells that the client was changed or erased meanwhile, the client itself does.
    check(clientKey(tenant, clientId), {
      expression: '#state = :active AND revision = :revision',
      names: { '#state': 'state' },
      values: { ':active': 'active', ':revision': client?.revision },
    }),
  ];
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const MOST_STEPS = 100;

/** What a stretch takes at most: its changes, a count for each tag and segment, its record and the client. */
const sizeOf = (stretches: readonly Stretch[]): number => {
  const changes = stretches.flatMap((stretch) => stretch.changes);
  return 2 * stretches.length + changes.length + new Set(changes.flatMap(countedBy)).size;
};

/** Clients that fit into one transaction go together, so that the count of a tag that all have is written once. */
const inTransactions = (stretches: readonly Stretch[]): Stretch[][] => {
  const transactions: Stretch[][] = [];
  for (const stretch of stretches) {
    const last = transactions.at(-1);
    const fits =
      last !== undefined &&
      last.every(({ clientId }) => clientId !== stretch.clientId) &&
      sizeOf([...last, stretch]) <= MOST_STEPS;
    if (fits) last.push(stretch);
    else transactions.push([stretch]);
  }
  return transactions;
};

/**
 * Writes rows, counts and records, transaction after transaction; what breaks off between two leaves everything right,
 * and the rest to be derived again. One read more where a count goes down.
 *
 * @throws Raced when a client, or a segment that it entered or left, has changed since it was read
 */
export const writeStretches = async (tenant: TenantId, stretches: readonly Stretch[]): Promise<void> => {
  for (const transaction of inTransactions(stretches)) {
    const counts = await countSteps(tenant, transaction);
    const records = transaction.flatMap((stretch) => recordSteps(tenant, stretch));
    await commit(tenant, [...records, ...counts, ...transaction.flatMap((stretch) => rowSteps(tenant, stretch))]);
  }
};
