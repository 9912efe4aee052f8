import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import type { AuditEntry } from '../lib/contract/audit.ts';
import type { Act } from '../lib/domain/act.ts';
import { positionOf, type Seal } from '../lib/domain/seal.ts';
import { sealAudit } from '../lib/messaging/seal-audit.ts';
import { verifyAudit } from '../lib/messaging/verify-audit.ts';
import { writeAudit } from '../lib/table/audit.ts';
import { batchWrite, get } from '../lib/table/client.ts';
import { auditDay, type Key } from '../lib/table/keys.ts';
import { sealHeadKey, sealKey } from '../lib/table/team-keys.ts';
import { listSeals, touchSeals } from '../lib/table/seals.ts';
import { getSettings } from '../lib/table/settings.ts';
import { newAct } from './support/builders.ts';
import { eventually, sharedUrls } from './support/client.ts';
import { first } from './support/answers.ts';
import { openTenant } from './support/tenant.ts';

type Item = Record<string, unknown>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

const newEntry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  id: uuidv7(),
  type: 'ClientUpdated',
  occurredAt: new Date().toISOString(),
  actor: { type: 'user', id: 'ana' },
  subject: { type: 'client', id: uuidv7() },
  correlationId: 'a-test',
  changed: ['firstName'],
  ...changes,
});

/** So many hours from now: nothing has to be waited for. */
const later = (act: Act, hours: number): Act => ({ ...act, now: () => new Date(Date.now() + hours * HOUR_MS) });

const enter = async ({ tenant }: Act, count: number, changes: Partial<AuditEntry> = {}): Promise<AuditEntry[]> => {
  const entries = Array.from({ length: count }, () => newEntry(changes));
  await touchSeals(tenant, new Date());
  await writeAudit(tenant, entries);
  return entries;
};

const sealsOf = async ({ tenant }: Act): Promise<Seal[]> =>
  (await listSeals(tenant, 0, 100)).flatMap(({ seal }) => seal ?? []);
const sealedIn = ({ entries }: Seal): string[] =>
  entries.map(({ position }) => position.split('#')[1] ?? '').toSorted();
const idsOf = (entries: readonly AuditEntry[]): string[] => entries.map(({ id }) => id).toSorted();

/** Writes and removes behind the system's back. */
const tamper = async ({ tenant }: Act, written: readonly Item[], removed: readonly Item[] = []): Promise<void> => {
  await batchWrite(tenant, [
    ...removed.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
    ...written.map((Item) => ({ PutRequest: { Item } })),
  ]);
};

const itemAt = async ({ tenant }: Act, key: Key): Promise<Item> => {
  const { Item } = await get(tenant, { Key: key, ConsistentRead: true });
  if (Item === undefined) throw new Error(`There is no ${key.sk}.`);
  return Item;
};
const itemOf = (act: Act, entry: AuditEntry): Promise<Item> =>
  itemAt(act, { pk: auditDay(act.tenant, entry.occurredAt.slice(0, 10)), sk: positionOf(entry) });
const sealItem = (act: Act, number: number): Promise<Item> => itemAt(act, sealKey(act.tenant, number));
const headOf = (act: Act): Promise<Item> => itemAt(act, sealHeadKey(act.tenant));

const foundIn = async ({ tenant }: Act): Promise<string[]> =>
  (await verifyAudit(tenant)).findings.map(({ what, which }) => `${what} ${which.split('#').at(-1) ?? ''}`).toSorted();

/** Three seals of two entries each. */
const setScene = async () => {
  const act = newAct();
  const entries: AuditEntry[] = [];
  for (const hours of [2, 4, 6]) {
    entries.push(...(await enter(act, 2)));
    await wake(act);
    await sealAudit(later(act, hours));
  }
  expect(await sealsOf(act)).toHaveLength(3);
  return { act, entries };
};

/** As the first entry of another hour does. */
const wake = async (act: Act): Promise<void> => {
  await tamper(act, [{ ...(await headOf(act)), dueAt: ago(0) }]);
};

describe('sealing the audit log', () => {
  it('seals every entry once, in a chain, as many seals as it takes', async () => {
    const act = newAct();
    const entries = await enter(act, 200);
    await sealAudit(act);
    expect(await sealsOf(act)).toEqual([]);
    await sealAudit(later(act, 2));
    const seals = await sealsOf(act);
    expect(seals.map(({ number, count }) => [number, count])).toEqual([
      [1, 90],
      [2, 90],
      [3, 20],
    ]);
    expect(seals.map(({ previous }) => previous)).toEqual([null, seals[0]?.hash, seals[1]?.hash]);
    expect(seals.flatMap(sealedIn).toSorted()).toEqual(idsOf(entries));
    expect(await verifyAudit(act.tenant)).toMatchObject({ findings: [], seals: 3, entries: 200, unsealed: 0 });
  });

  it('takes what came late into the next seal, and what comes again into none', async () => {
    const act = newAct();
    const [early] = await enter(act, 1, { occurredAt: ago(0) });
    await sealAudit(later(act, 2));
    const late = await enter(act, 1, { occurredAt: ago(3 * DAY_MS) });
    await writeAudit(act.tenant, early === undefined ? [] : [early]);
    expect(await verifyAudit(act.tenant)).toMatchObject({ findings: [], unsealed: 1 });
    await wake(act);
    await sealAudit(later(act, 3));
    expect((await sealsOf(act)).map(sealedIn)).toEqual([[early?.id], idsOf(late)]);
    expect(await foundIn(act)).toEqual([]);
  });

  it('seals each entry once also when several seal at once', async () => {
    const act = newAct();
    const entries = await enter(act, 300);
    await Promise.all([1, 2, 3].map(() => sealAudit(later(act, 2))));
    // Whoever gave way goes on a minute later.
    await sealAudit(later(act, 2));
    const seals = await sealsOf(act);
    expect(seals.flatMap(sealedIn).toSorted()).toEqual(idsOf(entries));
    expect(await foundIn(act)).toEqual([]);
  });

  it('rests when there is nothing to seal, until somebody does something', async () => {
    const act = newAct();
    await enter(act, 1);
    const dueOf = async () => (await headOf(act)).gsi4sk;
    expect(await dueOf()).toBeDefined();
    await sealAudit(later(act, 2));
    expect(await dueOf()).toBeUndefined();
    await touchSeals(act.tenant, later(act, 1).now());
    expect(await dueOf()).toBeDefined();
  });

  it('is asked for by what happens in a tenant', async () => {
    const tenant = await openTenant();
    await tenant.addClient();
    const act = newAct({ tenant: tenant.id });
    await eventually(async () => {
      expect(await verifyAudit(tenant.id)).toMatchObject({ findings: [], seals: 0, older: 0 });
      expect((await verifyAudit(tenant.id)).unsealed).toBeGreaterThan(0);
    });
    await eventually(async () => {
      await sealAudit(later(act, 2));
      expect(await sealsOf(act)).not.toEqual([]);
    });
    expect(await foundIn(act)).toEqual([]);
  });
});

describe('verifying the audit log', () => {
  it('names an entry that was changed, removed or added, sealed or not', async () => {
    const { act, entries } = await setScene();
    const [changed, gone, , dated] = entries;
    const [unsealedChanged, unsealedGone] = await enter(act, 2);
    if (!changed || !gone || !dated || !unsealedChanged || !unsealedGone) throw new Error('There are eight.');
    expect(await foundIn(act)).toEqual([]);
    const added = { ...(await itemOf(act, gone)), sk: `${dated.occurredAt}#${uuidv7()}` };
    await tamper(
      act,
      [
        { ...(await itemOf(act, changed)), actor: { type: 'user', id: 'boris' } },
        { ...(await itemOf(act, unsealedChanged)), changed: [] },
        { ...(await itemOf(act, dated)), occurredAt: ago(DAY_MS) },
        added,
      ],
      [await itemOf(act, gone), await itemOf(act, unsealedGone)],
    );
    expect(await foundIn(act)).toEqual(
      [
        ...[changed, unsealedChanged, dated].map(({ id }) => `changed entry ${id}`),
        ...[gone, unsealedGone].map(({ id }) => `missing entry ${id}`),
        `added entry ${added.sk.split('#')[1] ?? ''}`,
      ].toSorted(),
    );
  });

  it.each<[string, (seal: Item) => Item]>([
    ['what it holds', (seal) => ({ ...seal, entries: z.array(z.unknown()).parse(seal.entries).toReversed() })],
    ['its time', (seal) => ({ ...seal, sealedAt: ago(DAY_MS) })],
    ['for how long it says that entries are kept', (seal) => ({ ...seal, keptDays: 0 })],
    ['its signature', (seal) => ({ ...seal, signature: Buffer.alloc(32).toString('base64') })],
    ['its form', (seal) => ({ ...seal, entries: 'none' })],
  ])('names a seal of which somebody changed %s', async (_, change) => {
    const { act } = await setScene();
    await tamper(act, [change(await sealItem(act, 2))]);
    expect(await foundIn(act)).toContain('broken seal 2');
  });

  it('names a seal that was removed, with the entries that it held, wherever in the chain', async () => {
    for (const number of [1, 2, 3]) {
      const { act, entries } = await setScene();
      await tamper(act, [], [await sealItem(act, number)]);
      const added = entries.slice(2 * number - 2, 2 * number).map(({ id }) => `added entry ${id}`);
      const found = await foundIn(act);
      expect(found).toContain(`missing seal ${number}`);
      if (number > 1) expect(found).toEqual([...added, `missing seal ${number}`].toSorted());
    }
  });

  it('names seals that changed places, and one that was made of another tenant', async () => {
    const { act } = await setScene();
    const [first, second] = [await sealItem(act, 1), await sealItem(act, 2)];
    await tamper(act, [
      { ...first, sk: second.sk, number: 2 },
      { ...second, sk: first.sk, number: 1 },
    ]);
    const found = await foundIn(act);
    expect(found).toEqual(expect.arrayContaining(['broken seal 1', 'broken seal 2']));
    const [one, other] = [await setScene(), await setScene()];
    const foreign = await sealItem(other.act, 1);
    await tamper(one.act, [{ ...foreign, pk: (await sealItem(one.act, 1)).pk }]);
    expect(await foundIn(one.act)).toContain('broken seal 1');
  });

  it('counts entries that went by their retention as expired, and no others', async () => {
    const tenant = await openTenant();
    const act = newAct({ tenant: tenant.id });
    const settings = { ...(await getSettings(tenant.id)), retention: { audit: 2 } };
    const { defaultCountry, languages, timeZone, retention } = settings;
    const answer = await tenant.admin.put('/crm/settings', { defaultCountry, languages, timeZone, retention });
    expect(answer.status).toBe(200);
    const [old] = await enter(act, 1, { occurredAt: ago(5 * DAY_MS) });
    const [recent] = await enter(act, 1, { occurredAt: ago(DAY_MS) });
    if (!old || !recent) throw new Error('There are two.');
    await sealAudit(later(act, 2));
    await tamper(act, [], [await itemOf(act, old)]);
    expect(await verifyAudit(act.tenant)).toMatchObject({ findings: [], expired: 1 });
    await tamper(act, [], [await itemOf(act, recent)]);
    expect(await foundIn(act)).toEqual([`missing entry ${recent.id}`]);
  });

  it('is a command that names what it finds, and fails then', async () => {
    const { act, entries } = await setScene();
    const verify = async (tenant: string) => {
      const command = fileURLToPath(new URL('../local/verify-audit.ts', import.meta.url));
      const env = { PATH: process.env.PATH, PORT: new URL(sharedUrls().api).port, AUDIT_KEY: process.env.AUDIT_KEY };
      return promisify(execFile)(process.execPath, [command, '--tenant', tenant], { env });
    };
    expect((await verify(act.tenant)).stdout).toMatch(/3 seals, 6 entries \(0 not sealed yet\), last seal \S+\nok\n$/);
    const entry = first(entries);
    await tamper(act, [], [await itemOf(act, entry)]);
    const failed = await verify(act.tenant).catch((error: unknown) =>
      z.object({ code: z.number(), stdout: z.string() }).parse(error),
    );
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stdout).toContain(`${act.tenant}: missing entry ${entry.occurredAt}#${entry.id}: it is in seal 1`);
  });
});
