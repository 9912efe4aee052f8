import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { RetentionSchema } from '../lib/contract/settings.ts';
import { sealAudit } from '../lib/messaging/seal-audit.ts';
import { verifyAudit } from '../lib/messaging/verify-audit.ts';
import { writeAudit } from '../lib/table/audit.ts';
import { settingsKey } from '../lib/table/keys.ts';
import { touchSeals } from '../lib/table/seals.ts';
import { getSettings } from '../lib/table/settings.ts';
import { commit, put } from '../lib/table/transaction.ts';
import {
  ago,
  DAY_MS,
  enter,
  foundIn,
  foundWhile,
  headOf,
  HOUR_MS,
  idsOf,
  itemOf,
  later,
  sealedIn,
  sealItem,
  sealsOf,
  setScene,
  tamper,
  wake,
  type AuditScene,
  type Item,
} from './support/audit-scene.ts';
import { first } from './support/answers.ts';
import { newAct } from './support/builders.ts';
import { eventually, sharedUrls } from './support/client.ts';
import { openTenant } from './support/tenant.ts';

describe('sealing the audit log', () => {
  it('seals every entry once, in a chain, as many seals as it takes', async () => {
    const act = newAct();
    const entries = await enter(act, 100);
    await sealAudit(act);
    expect(await sealsOf(act)).toEqual([]);
    await sealAudit(later(act, 2));
    const seals = await sealsOf(act);
    expect(seals.map(({ number, count }) => [number, count])).toEqual([
      [1, 90],
      [2, 10],
    ]);
    expect(seals.map(({ previous }) => previous)).toEqual([null, seals[0]?.hash]);
    expect(seals.flatMap(sealedIn).toSorted()).toEqual(idsOf(entries));
    expect(await verifyAudit(act.tenant)).toMatchObject({ findings: [], seals: 2, entries: 100, unsealed: 0 });
  });

  it('takes what came late into the next seal, and what comes again into none', async () => {
    const act = newAct();
    const [early] = await enter(act, 1, { occurredAt: ago(0) });
    await sealAudit(later(act, 2));
    const late = await enter(act, 1, { occurredAt: ago(3 * DAY_MS) });
    await writeAudit(act.tenant, early === undefined ? [] : [early]);
    await wake(act);
    expect(await verifyAudit(act.tenant)).toMatchObject({ findings: [], unsealed: 1 });
    await sealAudit(later(act, 3));
    expect((await sealsOf(act)).map(sealedIn)).toEqual([[early?.id], idsOf(late)]);
    expect(await foundIn(act)).toEqual([]);
  });

  it('seals each entry once also when several seal at once', async () => {
    const act = newAct();
    const entries = await enter(act, 100);
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

  it('does not rest while a clock that is ahead has dated an entry into a later hour', async () => {
    const act = newAct();
    const [entry] = await enter(act, 1, { occurredAt: later(act, 2).now().toISOString() });
    await sealAudit(later(act, 1.9));
    expect(await sealsOf(act)).toEqual([]);
    await sealAudit(later(act, 5));
    expect((await sealsOf(act)).map(sealedIn)).toEqual([[entry?.id]]);
  });

  it('is asked for by what happens in a tenant', async () => {
    const tenant = await openTenant();
    await tenant.addClient();
    const act = newAct({ tenant: tenant.id });
    await eventually(async () => {
      // The client, and the user who added it.
      expect(await verifyAudit(tenant.id)).toMatchObject({ findings: [], seals: 0, older: 0, unsealed: 2 });
    });
    await eventually(async () => {
      await sealAudit(later(act, 2));
      expect(await sealsOf(act)).not.toEqual([]);
    });
    expect(await foundIn(act)).toEqual([]);
  });
});

describe('verifying the audit log', () => {
  let scene: AuditScene;
  let other: AuditScene;
  beforeAll(async () => {
    [scene, other] = await Promise.all([setScene(), setScene()]);
  });
  afterAll(async () => {
    expect(await foundIn(scene.act)).toEqual([]);
  });

  it('names an entry that was changed, removed or added, sealed or not', async () => {
    const { act, entries } = scene;
    const [changed, gone, , dated, , , unsealedChanged, unsealedGone] = entries;
    if (!changed || !gone || !dated || !unsealedChanged || !unsealedGone) throw new Error('There are eight.');
    const added = { ...(await itemOf(act, gone)), sk: `${dated.occurredAt}#${uuidv7()}` };
    const found = await foundWhile(
      act,
      [
        { ...(await itemOf(act, changed)), actor: { type: 'user', id: 'boris' } },
        { ...(await itemOf(act, unsealedChanged)), changed: [] },
        { ...(await itemOf(act, dated)), occurredAt: ago(DAY_MS) },
        added,
      ],
      [await itemOf(act, gone), await itemOf(act, unsealedGone)],
    );
    expect(found).toEqual(
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
    const { act } = scene;
    expect(await foundWhile(act, [change(await sealItem(act, 2))])).toContain('broken seal 2');
  });

  it('names a seal that was removed, with the entries that it held, wherever in the chain', async () => {
    const { act, entries } = scene;
    for (const number of [1, 2, 3]) {
      const added = entries.slice(2 * number - 2, 2 * number).map(({ id }) => `added entry ${id}`);
      const found = await foundWhile(act, [], [await sealItem(act, number)]);
      expect(found).toContain(`missing seal ${number}`);
      if (number > 1) expect(found).toEqual([...added, `missing seal ${number}`].toSorted());
    }
  });

  it('names the last seal where the head was put back with it, and where there is no head', async () => {
    const { act, entries } = scene;
    const [head, second, third] = [await headOf(act), await sealItem(act, 2), await sealItem(act, 3)];
    const cut = await foundWhile(act, [{ ...head, number: 2, hash: second.hash }], [third]);
    expect(cut).toEqual(
      entries
        .slice(4, 6)
        .map(({ id }) => `added entry ${id}`)
        .toSorted(),
    );
    expect(await foundWhile(act, [], [head])).toEqual(['broken seal HEAD', 'missing seal 4']);
  });

  it('names a seal that should have been made by now', async () => {
    const { act } = scene;
    const foundWhenDue = async (dueAt: string | null) => foundWhile(act, [{ ...(await headOf(act)), dueAt }]);
    expect(await foundWhenDue(ago(1.1 * HOUR_MS))).toEqual(['missing seal 4']);
    expect(await foundWhenDue(null)).toEqual(['missing seal 4']);
    expect(await foundWhenDue(ago(0.9 * HOUR_MS))).toEqual([]);
  });

  it('names seals that changed places, and one that was made of another tenant', async () => {
    const { act } = scene;
    const [first, second] = [await sealItem(act, 1), await sealItem(act, 2)];
    const swapped = [
      { ...first, sk: second.sk, number: 2 },
      { ...second, sk: first.sk, number: 1 },
    ];
    expect(await foundWhile(act, swapped)).toEqual(expect.arrayContaining(['broken seal 1', 'broken seal 2']));
    const foreign = await sealItem(other.act, 1);
    expect(await foundWhile(act, [{ ...foreign, pk: first.pk }])).toContain('broken seal 1');
  });

  it('counts entries that went by their retention as expired, and no others', async () => {
    const act = newAct();
    // By no request: that would be an entry itself.
    const settings = { ...(await getSettings(act.tenant)), retention: RetentionSchema.parse({ audit: 2 }) };
    await commit(act.tenant, [put({ ...settingsKey(act.tenant), ...settings })]);
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
    const { act, entries } = other;
    const verify = async (tenant: string) => {
      const command = fileURLToPath(new URL('../local/verify-audit.ts', import.meta.url));
      const env = { PATH: process.env.PATH, PORT: new URL(sharedUrls().api).port, AUDIT_KEY: process.env.AUDIT_KEY };
      return promisify(execFile)(process.execPath, [command, '--tenant', tenant], { env });
    };
    expect((await verify(act.tenant)).stdout).toMatch(/3 seals, 8 entries \(2 not sealed yet\), last seal \S+\nok\n$/);
    const entry = first(entries);
    await tamper(act, [], [await itemOf(act, entry)]);
    const failed = await verify(act.tenant).catch((error: unknown) =>
      z.object({ code: z.number(), stdout: z.string() }).parse(error),
    );
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stdout).toContain(`${act.tenant}: missing entry ${entry.occurredAt}#${entry.id}: it is in seal 1`);
  });
});
