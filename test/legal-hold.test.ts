import { LegalHoldSchema, type LegalHold } from '../lib/contract/privacy.ts';
import { ErasureSchema } from '../lib/contract/privacy.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { merged, undone } from './support/merging.ts';
import { newPhone } from './support/random.ts';
import { AuditSchema, openTenant, type Tenant } from './support/tenant.ts';

const at = (clientId: string) => `/crm/clients/${clientId}/legal-hold`;
const eraseAt = (clientId: string) => `/crm/clients/${clientId}/erase`;

const hold = async ({ admin }: Tenant, clientId: string, reason = 'Court of Tashkent, 12/2026'): Promise<LegalHold> =>
  read(await admin.put(at(clientId), { reason }), 200, LegalHoldSchema);

const open = async () => {
  const tenant = await openTenant();
  return { tenant, admin: tenant.admin, client: await tenant.addClient({ phone: newPhone() }) };
};

describe('a legal hold', () => {
  it('keeps a client from being erased, and says why', async () => {
    const { tenant, admin, client } = await open();
    const set = await hold(tenant, client.id);
    expect(set).toMatchObject({ clientId: client.id, reason: 'Court of Tashkent, 12/2026', setBy: 'ana', version: 1 });
    expect(read(await admin.get(at(client.id)), 200, LegalHoldSchema)).toEqual(set);
    expect(problemOf(await admin.post(eraseAt(client.id)), 409, 'client.legal-hold').detail).toContain(set.reason);
    expect((await admin.get(`/crm/clients/${client.id}`)).body).toEqual(client);
    expect((await admin.get('/crm/erasures')).body).toEqual({ items: [], nextCursor: null });
  });

  it('lets a client be deleted, and keeps it from being erased all the same', async () => {
    const { tenant, admin, client } = await open();
    await hold(tenant, client.id);
    expect((await admin.delete(`/crm/clients/${client.id}`)).status).toBe(204);
    problemOf(await admin.post(eraseAt(client.id)), 409, 'client.legal-hold');
    expect((await admin.get(at(client.id))).status).toBe(200);
  });

  it('can be put on a deleted client', async () => {
    const { tenant, admin, client } = await open();
    await admin.delete(`/crm/clients/${client.id}`);
    await hold(tenant, client.id);
    problemOf(await admin.post(eraseAt(client.id)), 409, 'client.legal-hold');
  });

  it('is lifted, and then is not there', async () => {
    const { tenant, admin, client } = await open();
    problemOf(await admin.get(at(client.id)), 404, 'resource.not-found');
    problemOf(await admin.delete(at(client.id)), 404, 'resource.not-found');
    await hold(tenant, client.id);
    expect((await admin.delete(at(client.id))).status).toBe(204);
    problemOf(await admin.get(at(client.id)), 404, 'resource.not-found');
    expect((await admin.post(eraseAt(client.id))).status).toBe(202);
  });

  it('goes on for another reason, from the version that the caller has seen', async () => {
    const { tenant, admin, client } = await open();
    const before = await hold(tenant, client.id);
    const answer = await admin.put(at(client.id), { reason: 'Tax office' }, { 'if-match': '"1"' });
    const after = read(answer, 200, LegalHoldSchema);
    expect(after).toMatchObject({ reason: 'Tax office', since: before.since, version: 2 });
    expect(answer.headers.get('etag')).toBe('"2"');
    problemOf(await admin.put(at(client.id), { reason: 'x' }, { 'if-match': '"1"' }), 412, 'version.stale');
    problemOf(await admin.delete(at(client.id), { 'if-match': '"1"' }), 412, 'version.stale');
    expect((await admin.delete(at(client.id), { 'if-match': '"2"' })).status).toBe(204);
  });

  it('is announced and audited', async () => {
    const { tenant, admin, client } = await open();
    await hold(tenant, client.id, 'Court');
    await admin.delete(at(client.id));
    expect(await eventOf(tenant.id, 'LegalHoldSet', client.id)).toMatchObject({
      data: { reason: 'Court', setBy: 'ana' },
    });
    await eventOf(tenant.id, 'LegalHoldLifted', client.id);
    await eventually(async () => {
      const { items } = read(await admin.get(`/crm/audit?subjectId=${client.id}`), 200, AuditSchema);
      expect(items.map(({ type }) => type)).toEqual(expect.arrayContaining(['LegalHoldSet', 'LegalHoldLifted']));
    });
  });

  it('of a client that was merged into another counts for that one', async () => {
    const { tenant, admin, client } = await open();
    const survivor = await tenant.addClient();
    await hold(tenant, client.id, 'Court');
    const { merge } = await merged(tenant, survivor, client);
    expect(read(await admin.get(at(survivor.id)), 200, LegalHoldSchema)).toMatchObject({
      clientId: survivor.id,
      reason: 'Court',
    });
    expect(problemOf(await admin.post(eraseAt(survivor.id)), 409, 'client.legal-hold').detail).toContain('Court');
    expect(problemOf(await admin.get(at(client.id)), 308, 'client.absorbed').clientId).toBe(survivor.id);
    await undone(tenant, survivor, merge.id);
    problemOf(await admin.get(at(survivor.id)), 404, 'resource.not-found');
    problemOf(await admin.post(eraseAt(client.id)), 409, 'client.legal-hold');
  });

  it('that a survivor has from another is lifted with its own', async () => {
    const { tenant, admin, client } = await open();
    const survivor = await tenant.addClient();
    await Promise.all([hold(tenant, client.id, 'one'), hold(tenant, survivor.id, 'two')]);
    await merged(tenant, survivor, client);
    expect(read(await admin.get(at(survivor.id)), 200, LegalHoldSchema).reason).toBe('two');
    expect((await admin.delete(at(survivor.id))).status).toBe(204);
    problemOf(await admin.get(at(survivor.id)), 404, 'resource.not-found');
    expect((await admin.post(eraseAt(survivor.id))).status).toBe(202);
  });

  it('and an erasure at once: the one or the other', async () => {
    const tenant = await openTenant();
    for (let round = 0; round < 6; round += 1) {
      const { id } = await tenant.addClient();
      const [set, erase] = await Promise.all([
        tenant.admin.put(at(id), { reason: 'Court' }),
        tenant.admin.post(eraseAt(id)),
      ]);
      if (erase.status === 202) {
        read(erase, 202, ErasureSchema);
        problemOf(set, 404, 'resource.not-found');
      } else {
        problemOf(erase, 409, 'client.legal-hold');
        expect(set.status).toBe(200);
      }
    }
  });

  it('of two who set it at once is both, one after the other', async () => {
    const { tenant, admin, client } = await open();
    const reasons = ['one', 'two', 'three'];
    await Promise.all(reasons.map((reason) => hold(tenant, client.id, reason)));
    expect(read(await admin.get(at(client.id)), 200, LegalHoldSchema).version).toBe(3);
  });

  it('is refused for who is not there, without a reason, and to who may not', async () => {
    const { tenant, admin, client } = await open();
    const other = await openTenant();
    const unknown = problemOf(await admin.put(at(crypto.randomUUID()), { reason: 'x' }), 404, 'resource.not-found');
    const foreign = problemOf(await other.admin.put(at(client.id), { reason: 'x' }), 404, 'resource.not-found');
    expect(foreign.detail).toBe(unknown.detail);
    problemOf(await other.admin.get(at(client.id)), 404, 'resource.not-found');
    problemOf(await other.admin.delete(at(client.id)), 404, 'resource.not-found');
    for (const [body, pointer] of [
      [{}, '/reason'],
      [{ reason: ' ' }, '/reason'],
      [{ reason: 'x', until: '2030-01-01' }, '/until'],
    ] as const) {
      expect(pointersOf(problemOf(await admin.put(at(client.id), body), 400, 'request.invalid'))).toEqual([pointer]);
    }
    for (const role of ['manager', 'agent'] as const) {
      const user = await tenant.as(role);
      for (const answer of [
        await user.get(at(client.id)),
        await user.put(at(client.id), { reason: 'x' }),
        await user.delete(at(client.id)),
      ]) {
        expect(problemOf(answer, 403, 'permission.missing').permission).toBe('Privacy.Erase');
      }
    }
  });
});
