import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import type { AuditEntry } from '../../lib/contract/audit.ts';
import type { Act } from '../../lib/domain/act.ts';
import { positionOf, type Seal } from '../../lib/domain/seal.ts';
import { sealAudit } from '../../lib/messaging/seal-audit.ts';
import { verifyAudit } from '../../lib/messaging/verify-audit.ts';
import { writeAudit } from '../../lib/table/audit.ts';
import { batchWrite, get } from '../../lib/table/client.ts';
import { auditDay, type Key } from '../../lib/table/keys.ts';
import { listSeals, touchSeals } from '../../lib/table/seals.ts';
import { sealHeadKey, sealKey } from '../../lib/table/team-keys.ts';
import { newAct } from './builders.ts';

const ItemSchema = z.looseObject({ pk: z.string(), sk: z.string() });
export type Item = z.infer<typeof ItemSchema>;

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

/** So many hours from now: nothing has to be waited for. */
export const later = (act: Act, hours: number): Act => ({ ...act, now: () => new Date(Date.now() + hours * HOUR_MS) });

export const newEntry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  id: uuidv7(),
  type: 'ClientUpdated',
  occurredAt: new Date().toISOString(),
  actor: { type: 'user', id: 'ana' },
  subject: { type: 'client', id: uuidv7() },
  correlationId: 'a-test',
  changed: ['firstName'],
  ...changes,
});

/** So many entries, as events make them. */
export const enter = async (
  { tenant }: Act,
  count: number,
  changes: Partial<AuditEntry> = {},
): Promise<AuditEntry[]> => {
  const entries = Array.from({ length: count }, () => newEntry(changes));
  await touchSeals(tenant, new Date());
  await writeAudit(tenant, entries);
  return entries;
};

export const sealsOf = async ({ tenant }: Act): Promise<Seal[]> =>
  (await listSeals(tenant, 0, 100)).flatMap(({ seal }) => seal ?? []);
export const sealedIn = ({ entries }: Seal): string[] =>
  entries.map(({ position }) => position.split('#')[1] ?? '').toSorted();
export const idsOf = (entries: readonly AuditEntry[]): string[] => entries.map(({ id }) => id).toSorted();

const findItem = async ({ tenant }: Act, { pk, sk }: Key): Promise<Item | undefined> => {
  const { Item } = await get(tenant, { Key: { pk, sk }, ConsistentRead: true });
  return Item === undefined ? undefined : ItemSchema.parse(Item);
};
const itemAt = async (act: Act, key: Key): Promise<Item> => {
  const item = await findItem(act, key);
  if (item === undefined) throw new Error(`There is no ${key.sk}.`);
  return item;
};
export const itemOf = (act: Act, entry: AuditEntry): Promise<Item> =>
  itemAt(act, { pk: auditDay(act.tenant, entry.occurredAt.slice(0, 10)), sk: positionOf(entry) });
export const sealItem = (act: Act, number: number): Promise<Item> => itemAt(act, sealKey(act.tenant, number));
export const headOf = (act: Act): Promise<Item> => itemAt(act, sealHeadKey(act.tenant));

/** Writes and removes behind the system's back. */
export const tamper = async (
  { tenant }: Act,
  written: readonly Item[],
  removed: readonly Item[] = [],
): Promise<void> => {
  const requests = [
    ...removed.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
    ...written.map((Item) => ({ PutRequest: { Item } })),
  ];
  if (requests.length > 0) await batchWrite(tenant, requests);
};

/** As the first entry of another hour does. */
export const wake = async (act: Act): Promise<void> => tamper(act, [{ ...(await headOf(act)), dueAt: ago(0) }]);

export const foundIn = async ({ tenant }: Act): Promise<string[]> =>
  (await verifyAudit(tenant)).findings.map(({ what, which }) => `${what} ${which.split('#').at(-1) ?? ''}`).toSorted();

/** What is found while the table is so; afterwards it is again as it was. */
export const foundWhile = async (
  act: Act,
  written: readonly Item[],
  removed: readonly Item[] = [],
): Promise<string[]> => {
  const touched = await Promise.all([...written, ...removed].map((item) => findItem(act, item)));
  await tamper(act, written, removed);
  const found = await foundIn(act);
  const were = touched.filter((item) => item !== undefined);
  const isNew = ({ pk, sk }: Item): boolean => !were.some((item) => item.pk === pk && item.sk === sk);
  await tamper(act, were, written.filter(isNew));
  return found;
};

/** Three seals of two entries each, and two entries that wait to be sealed. */
export const setScene = async () => {
  const act = newAct();
  const entries: AuditEntry[] = [];
  for (const hours of [2, 4, 6]) {
    entries.push(...(await enter(act, 2)));
    await wake(act);
    await sealAudit(later(act, hours));
  }
  expect(await sealsOf(act)).toHaveLength(3);
  entries.push(...(await enter(act, 2)));
  await wake(act);
  expect(await foundIn(act)).toEqual([]);
  return { act, entries };
};
export type AuditScene = Awaited<ReturnType<typeof setScene>>;
