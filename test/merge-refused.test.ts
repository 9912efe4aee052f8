import { mergeClients, MergePreviewSchema } from '../lib/contract/merge.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { ABSENT, clientOf, expectMoved, merge, merged, pathOf } from './support/merging.ts';
import { openTenant } from './support/tenant.ts';

describe('a merge is refused', () => {
  it('of a client with itself, with one that is not there, or with one that is merged already', async () => {
    const tenant = await openTenant();
    const [a, b, c] = [await tenant.addClient(), await tenant.addClient(), await tenant.addClient()];
    problemOf(await merge(tenant, a, a), 422, 'client.merge-itself');
    problemOf(await tenant.admin.post(`${pathOf(a)}/merge`, { clientId: ABSENT }), 404, 'resource.not-found');
    const stranger = await openTenant();
    problemOf(await merge(stranger, a, b), 404, 'resource.not-found');
    problemOf(await merge(tenant, a, await stranger.addClient()), 404, 'resource.not-found');
    const gone = await tenant.addClient();
    await tenant.admin.delete(pathOf(gone));
    problemOf(await merge(tenant, a, gone), 404, 'resource.not-found');
    problemOf(await merge(tenant, gone, a), 404, 'resource.not-found');
    await merged(tenant, a, b);
    expect(problemOf(await merge(tenant, c, b), 409, 'client.merged').clientId).toBe(a.id);
    expect(problemOf(await merge(tenant, a, b), 409, 'client.merged').clientId).toBe(a.id);
    expectMoved(await merge(tenant, b, a), `${pathOf(a)}/merge`, a);
  });

  it('over a version that the caller has not seen', async () => {
    const tenant = await openTenant();
    const [a, b] = [await tenant.addClient(), await tenant.addClient()];
    const stale = { 'if-match': '"7"' };
    problemOf(await tenant.admin.post(`${pathOf(a)}/merge`, { clientId: b.id }, stale), 412, 'version.stale');
    const current = await tenant.admin.post(`${pathOf(a)}/merge`, { clientId: b.id }, { 'if-match': '"1"' });
    expect(current.headers.get('etag')).toBe('"2"');
    expect(read(current, 200, mergeClients.result).version).toBe(2);
  });

  it.each([
    [
      'contacts',
      (n: number) => ({ contacts: Array.from({ length: 11 }, (_, i) => ({ type: 'other', value: `${n} ${i}` })) }),
    ],
    ['tags', (n: number) => ({ tags: Array.from({ length: 26 }, (_, i) => `${n} ${i}`) })],
    [
      'customFields',
      (n: number) => ({ customFields: Object.fromEntries(Array.from({ length: 26 }, (_, i) => [`${n} ${i}`, i])) }),
    ],
    ['comments', (n: number) => ({ comments: String(n).repeat(2_501) })],
  ])('over the limit of %s, and the preview says so', async (field, fields) => {
    const tenant = await openTenant();
    const [a, b] = [await tenant.addClient(fields(1)), await tenant.addClient(fields(2))];
    problemOf(await merge(tenant, a, b), 422, 'client.merge-limit');
    const preview = await tenant.admin.post(`${pathOf(a)}/merge/preview`, { clientId: b.id });
    expect(read(preview, 200, MergePreviewSchema).problems).toMatchObject([{ code: 'client.merge-limit', field }]);
    expect(await clientOf(tenant, a)).toEqual(a);
    expect(await clientOf(tenant, b)).toEqual(b);
  });

  it('of more than ten clients with one', async () => {
    const tenant = await openTenant();
    const survivor = await tenant.addClient();
    for (let index = 0; index < 10; index += 1) await merged(tenant, survivor, await tenant.addClient());
    problemOf(await merge(tenant, survivor, await tenant.addClient()), 422, 'client.merge-limit');
    problemOf(await merge(tenant, await tenant.addClient(), survivor), 422, 'client.merge-limit');
  });

  it.each([
    ['no client', {}, '/clientId'],
    ['an id that is none', { clientId: 'x' }, '/clientId'],
    ['an unknown field', { clientId: ABSENT, x: 1 }, '/x'],
    ['a preference for a field that is none', { clientId: ABSENT, prefer: { tags: 'absorbed' } }, '/prefer/tags'],
    ['a preference for nobody', { clientId: ABSENT, prefer: { phone: 'newest' } }, '/prefer/phone'],
  ])('with %s', async (_, body, pointer) => {
    const tenant = await openTenant();
    const survivor = await tenant.addClient();
    for (const path of ['merge', 'merge/preview']) {
      const answer = await tenant.admin.post(`${pathOf(survivor)}/${path}`, body);
      expect(pointersOf(problemOf(answer, 400, 'request.invalid'))).toEqual([pointer]);
    }
  });
});
