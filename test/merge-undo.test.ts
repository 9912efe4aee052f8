import { ClientSchema } from '../lib/contract/clients.ts';
import { undoMerge } from '../lib/contract/merge.ts';
import { LegalHoldSchema } from '../lib/contract/privacy.ts';
import { problemOf, read } from './support/answers.ts';
import { ABSENT, clientOf, expectMoved, merged, MergesSchema, pathOf, undo, undone } from './support/merging.ts';
import { newPhone } from './support/random.ts';
import { openTenant } from './support/tenant.ts';

describe('undoing a merge', () => {
  it('gives both back as they were', async () => {
    const tenant = await openTenant();
    const [ours, theirs] = [newPhone(), newPhone()];
    const survivor = await tenant.addClient({
      phone: ours,
      comments: 'one',
      tags: ['vip'],
      customFields: { size: 'M' },
    });
    const absorbed = await tenant.addClient({
      lastName: 'Karimov',
      phone: theirs,
      comments: 'two',
      tags: ['new'],
      customFields: { size: 'L', age: 1 },
      contacts: [{ type: 'email', value: 'karimov@example.com' }],
    });
    const { merge: done } = await merged(tenant, survivor, absorbed, { prefer: { phone: 'absorbed' } });
    const answer = await undone(tenant, survivor, done.id);
    for (const before of [survivor, absorbed]) {
      const { updatedAt, version, ...after } = await clientOf(tenant, before);
      expect({ ...after, updatedAt: before.updatedAt, version: before.version }).toEqual(before);
      expect([updatedAt > before.updatedAt, version >= before.version]).toEqual([true, true]);
    }
    expect(answer).toMatchObject({ id: survivor.id, restored: { id: absorbed.id }, merge: { id: done.id } });
    const merges = read(await tenant.admin.get(`${pathOf(survivor)}/merges`), 200, MergesSchema).items;
    expect(merges).toMatchObject([{ id: done.id, absorbedClient: null, undoneBy: { id: 'ana' } }]);
    const held = await tenant.admin.post('/crm/clients', { firstName: 'Aziz', phone: theirs });
    expect(problemOf(held, 409, 'contact.duplicate').clientId).toBe(absorbed.id);
    problemOf(await undo(tenant, survivor, done.id), 409, 'merge.undone');
    await merged(tenant, absorbed, survivor);
  });

  it('keeps what was changed since', async () => {
    const tenant = await openTenant();
    const survivor = await tenant.addClient({ comments: 'one' });
    const absorbed = await tenant.addClient({ lastName: 'Karimov', comments: 'two', phone: newPhone(), tags: ['new'] });
    const { merge: done, lastName, phone } = await merged(tenant, survivor, absorbed);
    const profile = { firstName: 'Olim', lastName, phone, comments: 'three' };
    read(await tenant.admin.put(pathOf(survivor), profile), 200, ClientSchema);
    await undone(tenant, survivor, done.id);
    expect(await clientOf(tenant, survivor)).toMatchObject({
      comments: 'three',
      lastName: null,
      phone: null,
      tags: [],
    });
  });

  it('is refused when an identity has gone to somebody else, and says to whom', async () => {
    const tenant = await openTenant();
    const phone = newPhone();
    const [survivor, absorbed] = [await tenant.addClient(), await tenant.addClient({ phone })];
    const { merge: done } = await merged(tenant, survivor, absorbed);
    read(await tenant.admin.put(pathOf(survivor), { firstName: 'Olim' }), 200, ClientSchema);
    const thief = await tenant.addClient({ phone });
    expect(problemOf(await undo(tenant, survivor, done.id), 409, 'contact.duplicate').clientId).toBe(thief.id);
    expectMoved(await tenant.admin.get(pathOf(absorbed)), pathOf(survivor), survivor);
    await tenant.admin.delete(pathOf(thief));
    await undone(tenant, survivor, done.id);
    expect((await clientOf(tenant, absorbed)).phone).toBe(phone);
  });

  it('is refused while the survivor is under a legal hold, with the reason', async () => {
    const tenant = await openTenant();
    const [survivor, absorbed] = [await tenant.addClient(), await tenant.addClient()];
    const { merge: done } = await merged(tenant, survivor, absorbed);
    const hold = `${pathOf(survivor)}/legal-hold`;
    read(await tenant.admin.put(hold, { reason: 'A court asked for it' }), 200, LegalHoldSchema);
    const problem = problemOf(await undo(tenant, survivor, done.id), 409, 'client.legal-hold');
    expect(problem.detail).toContain('A court asked for it');
    problemOf(await tenant.admin.get(pathOf(absorbed)), 308, 'client.absorbed');
    expect((await tenant.admin.delete(hold)).status).toBe(204);
    await undone(tenant, survivor, done.id);
  });

  it('gives a client back with those that it had absorbed itself', async () => {
    const tenant = await openTenant();
    const [a, b, c] = [await tenant.addClient(), await tenant.addClient(), await tenant.addClient()];
    const inner = (await merged(tenant, a, b)).merge;
    const outer = (await merged(tenant, c, a)).merge;
    expectMoved(await tenant.admin.get(pathOf(b)), pathOf(c), c);
    problemOf(await undo(tenant, c, inner.id), 409, 'merge.nested');
    expect(read(await tenant.admin.get(`${pathOf(c)}/merges`), 200, MergesSchema).items).toHaveLength(2);
    await undone(tenant, c, outer.id);
    expectMoved(await tenant.admin.get(pathOf(b)), pathOf(a), a);
    await undone(tenant, a, inner.id);
    for (const each of [a, b, c]) expect((await clientOf(tenant, each)).id).toBe(each.id);
  });

  it('is not there for another tenant, another client or a role that may not change clients', async () => {
    const tenant = await openTenant();
    const [survivor, absorbed, other] = [await tenant.addClient(), await tenant.addClient(), await tenant.addClient()];
    const { merge: done } = await merged(tenant, survivor, absorbed);
    problemOf(await undo(await openTenant(), survivor, done.id), 404, 'resource.not-found');
    problemOf(await undo(tenant, other, done.id), 404, 'resource.not-found');
    problemOf(await undo(tenant, survivor, ABSENT), 404, 'resource.not-found');
    const agent = await tenant.as('agent');
    read(await agent.post(`${pathOf(survivor)}/merge/${done.id}/undo`), 200, undoMerge.result);
  });
});
