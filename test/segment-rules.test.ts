import { PreviewSchema, SegmentSchema } from '../lib/contract/segments.ts';
import { segmentTotalKey } from '../lib/table/keys.ts';
import { commit, put } from '../lib/table/transaction.ts';
import { first, pointersOf, problemOf, read } from './support/answers.ts';
import { unique } from './support/random.ts';
import { addSegment, built, SegmentsSchema, withTags } from './support/segments.ts';
import { openTenant, readAll } from './support/tenant.ts';

describe('segments', () => {
  it('have names of their own, whatever their case', async () => {
    const { admin } = await openTenant();
    const body = { name: 'Loyal', filter: {} };
    const { id } = read(await admin.post('/crm/segments', body), 201, SegmentSchema);
    problemOf(await admin.post('/crm/segments', { ...body, name: ' LOYAL ' }), 409, 'segment.duplicate');
    const other = await addSegment(admin);
    problemOf(await admin.put(`/crm/segments/${other.id}`, body), 409, 'segment.duplicate');
    read(await admin.put(`/crm/segments/${id}`, { ...body, name: 'LOYAL' }), 200, SegmentSchema);
  });

  it('of one name are created once when two people create it at once, and once for an Idempotency-Key', async () => {
    const { admin } = await openTenant();
    const body = { name: 'Loyal', filter: {} };
    const answers = await Promise.all([1, 2, 3].map(() => admin.post('/crm/segments', body)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
    const headers = { 'idempotency-key': unique('key') };
    const [one, again] = [1, 2].map(() => admin.post('/crm/segments', { ...body, name: 'Other' }, headers));
    expect((await again)?.body).toEqual((await one)?.body);
    expect(read(await admin.get('/crm/segments'), 200, SegmentsSchema).items).toHaveLength(2);
  });

  it('are listed newest first, page by page, with their counts', async () => {
    const tenant = await openTenant();
    await tenant.addClient();
    const segments = [await addSegment(tenant.admin), await addSegment(tenant.admin), await addSegment(tenant.admin)];
    for (const segment of segments) await built(tenant.admin, segment);
    const { items, pages } = await readAll(tenant.admin, '/crm/segments?limit=2', SegmentSchema);
    expect(items.map(({ id }) => id)).toEqual(segments.map(({ id }) => id).reverse());
    expect(items.map(({ memberCount, status }) => [memberCount, status])).toEqual([1, 2, 3].map(() => [1, 'ready']));
    expect(Math.max(...pages)).toBe(2);
  });

  it('are 100 at most', async () => {
    const { admin, id } = await openTenant();
    const add = () => admin.post('/crm/segments', { name: unique('S'), filter: {} });
    await commit(id, [put({ ...segmentTotalKey(id), count: 98 })]);
    const answers = await Promise.all([1, 2, 3, 4].map(add));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 422, 422]);
    problemOf(await add(), 422, 'segment.limit');
    const { items } = read(await admin.get('/crm/segments'), 200, SegmentsSchema);
    expect((await admin.delete(`/crm/segments/${first(items).id}`)).status).toBe(204);
    read(await add(), 201, SegmentSchema);
  });

  it.each([
    ['no name', { filter: {} }, '/name'],
    ['a blank name', { name: ' ', filter: {} }, '/name'],
    ['no filter', { name: 'A' }, '/filter'],
    ['an unknown field', { name: 'A', filter: {}, size: 1 }, '/size'],
    ['an unknown part of a filter', { name: 'A', filter: { any: [] } }, '/filter/any'],
    ['a condition on nothing known', { name: 'A', filter: { all: [{ field: 'age' }] } }, '/filter/all/0/field'],
    [
      'an unknown field of a condition',
      { name: 'A', filter: { all: [{ ...withTags('any', 'a'), value: 1 }] } },
      '/filter/all/0/value',
    ],
    [
      'a date that is none',
      { name: 'A', filter: { all: [{ field: 'createdAt', operator: 'before', at: 'x' }] } },
      '/filter/all/0/at',
    ],
  ])('are refused with %s', async (_, body, pointer) => {
    const { admin } = await openTenant();
    expect(pointersOf(problemOf(await admin.post('/crm/segments', body), 400, 'request.invalid'))).toEqual([pointer]);
    expect(read(await admin.get('/crm/segments'), 200, SegmentsSchema).items).toEqual([]);
  });

  it('are read by agents and changed by managers', async () => {
    const tenant = await openTenant();
    const [agent, manager] = await Promise.all([tenant.as('agent'), tenant.as('manager')]);
    const segment = await addSegment(manager);
    const path = `/crm/segments/${segment.id}`;
    const body = { name: 'Other', filter: {} };
    for (const answer of [
      await agent.post('/crm/segments', body),
      await agent.post('/crm/segments/preview', { filter: {} }),
      await agent.put(path, body),
      await agent.delete(path),
    ]) {
      problemOf(answer, 403, 'permission.missing');
    }
    for (const each of ['/crm/segments', path, `${path}/clients`]) expect((await agent.get(each)).status).toBe(200);
    read(await manager.put(path, body), 200, SegmentSchema);
    expect((await manager.delete(path)).status).toBe(204);
  });

  it("of another tenant are not there, nor are another tenant's clients in them", async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    await other.addClient();
    const segment = await addSegment(tenant.admin);
    const path = `/crm/segments/${segment.id}`;
    const missing = '/crm/segments/01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';
    for (const [theirs, none] of [
      [await other.admin.get(path), await other.admin.get(missing)],
      [await other.admin.get(`${path}/clients`), await other.admin.get(`${missing}/clients`)],
      [
        await other.admin.put(path, { name: 'A', filter: {} }),
        await other.admin.put(missing, { name: 'A', filter: {} }),
      ],
      [await other.admin.delete(path), await other.admin.delete(missing)],
    ] as const) {
      expect(problemOf(theirs, 404, 'resource.not-found').detail).toBe(
        problemOf(none, 404, 'resource.not-found').detail,
      );
    }
    expect(await built(tenant.admin, segment)).toMatchObject({ memberCount: 0 });
    expect(read(await other.admin.get('/crm/segments'), 200, SegmentsSchema).items).toEqual([]);
  });
});

describe('a preview', () => {
  it('counts exactly and shows some, and keeps nothing', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient({ tags: ['vip'] });
    await tenant.addClient();
    const body = { filter: { all: [withTags('any', 'vip'), { field: 'lastMessageAt', operator: 'never' }] } };
    const preview = read(await tenant.admin.post('/crm/segments/preview', body), 200, PreviewSchema);
    expect(preview).toMatchObject({ count: 1, complete: true, cursor: null, sample: [{ id, firstName: 'Olim' }] });
    const all = read(await tenant.admin.post('/crm/segments/preview', { filter: {} }), 200, PreviewSchema);
    expect(all).toMatchObject({ count: 2, complete: true });
    expect(read(await tenant.admin.get('/crm/segments'), 200, SegmentsSchema).items).toEqual([]);
  });

  it('refuses a filter that is none, and a cursor that it has not given', async () => {
    const { admin } = await openTenant();
    const refused = problemOf(
      await admin.post('/crm/segments/preview', { filter: { all: 1 } }),
      400,
      'request.invalid',
    );
    expect(pointersOf(refused)).toEqual(['/filter/all']);
    problemOf(await admin.post('/crm/segments/preview', { filter: {}, cursor: 'x' }), 400, 'cursor.invalid');
  });
});
