import { ClientSchema } from '../lib/contract/clients.ts';
import { pageOf } from '../lib/contract/route.ts';
import { TagCountSchema, type TagCount } from '../lib/contract/tags.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { eventually, type Api } from './support/client.ts';
import { eventOf, eventsOf } from './support/events.ts';
import { ClientsSchema, openTenant, readAll, type Tenant } from './support/tenant.ts';

const CountsSchema = pageOf(TagCountSchema);

const countsOf = async (reader: Api): Promise<TagCount[]> =>
  read(await reader.get('/crm/clients/tags'), 200, CountsSchema).items;

const tagsOf = async ({ admin }: Tenant, id: string): Promise<string[]> =>
  read(await admin.get(`/crm/clients/${id}`), 200, ClientSchema).tags;

const withTag = async ({ admin }: Tenant, tag: string): Promise<string[]> =>
  read(await admin.get(`/crm/clients?tag=${encodeURIComponent(tag)}`), 200, ClientsSchema).items.map(({ id }) => id);

describe('a tag', () => {
  it('is added and removed, and the client is answered', async () => {
    const tenant = await openTenant();
    const { admin } = tenant;
    const { id } = await tenant.addClient({ tags: ['vip'] });
    const added = await admin.post(`/crm/clients/${id}/tags`, { tags: [' Wholesale ', 'Оптовик'] });
    expect(read(added, 200, ClientSchema)).toMatchObject({ tags: ['vip', 'Wholesale', 'Оптовик'], version: 1 });
    const removed = await admin.delete(`/crm/clients/${id}/tags`, {}, { tags: ['VIP', 'оптовик'] });
    expect(read(removed, 200, ClientSchema).tags).toEqual(['Wholesale']);
    const last = await admin.delete(`/api/customers/${id}/tags?tag=wholesale`);
    expect(read(last, 200, ClientSchema).tags).toEqual([]);
    expect(read(await admin.post(`/api/customers/${id}/tags`, { tags: ['x'] }), 200, ClientSchema).tags).toEqual(['x']);
  });

  it('keeps its case and is matched without it', async () => {
    const tenant = await openTenant();
    const { id, tags } = await tenant.addClient({ tags: ['VIP', 'vip', 'Vip', 'café', 'cafe'] });
    expect(tags).toEqual(['VIP', 'café', 'cafe']);
    const again = await tenant.admin.post(`/crm/clients/${id}/tags`, { tags: ['viP', 'CAFÉ'] });
    expect(read(again, 200, ClientSchema).tags).toEqual(tags);
  });

  it('that changes nothing is not announced; others are, with what was before', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient({ tags: ['vip'] });
    const path = `/crm/clients/${id}/tags`;
    read(await tenant.admin.post(path, { tags: ['VIP'] }), 200, ClientSchema);
    read(await tenant.admin.delete(path, {}, { tags: ['other'] }), 200, ClientSchema);
    read(await tenant.admin.post(path, { tags: ['new', 'vip'] }), 200, ClientSchema);
    read(await tenant.admin.delete(path, {}, { tags: ['Vip'] }), 200, ClientSchema);
    const tagged = await eventOf(tenant.id, 'ClientTagged', id);
    expect(tagged).toMatchObject({ data: { tags: ['vip', 'new'] }, previous: { tags: ['vip'] }, actor: { id: 'ana' } });
    const untagged = await eventOf(tenant.id, 'ClientUntagged', id);
    expect(untagged).toMatchObject({ data: { tags: ['new'] }, previous: { tags: ['vip', 'new'] } });
    expect((await eventsOf(tenant.id)).map(({ type }) => type)).not.toContain('ClientUpdated');
  });

  it('is kept when two people add one each at once', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const names = Array.from({ length: 6 }, (_, index) => `tag ${index}`);
    const answers = await Promise.all(
      names.map((tag) => tenant.admin.post(`/crm/clients/${id}/tags`, { tags: [tag] })),
    );
    for (const answer of answers) read(answer, 200, ClientSchema);
    expect((await tagsOf(tenant, id)).toSorted()).toEqual(names);
  });

  it('is one of 50 at most', async () => {
    const tenant = await openTenant();
    const tags = Array.from({ length: 50 }, (_, index) => `tag ${index}`);
    problemOf(await tenant.admin.post('/crm/clients', { firstName: 'Ana', tags: [...tags, 'x'] }), 422, 'tag.limit');
    const { id } = await tenant.addClient({ tags: [...tags, 'TAG 1'] });
    problemOf(await tenant.admin.post(`/crm/clients/${id}/tags`, { tags: ['tag 1', 'x'] }), 422, 'tag.limit');
    expect(await tagsOf(tenant, id)).toEqual(tags);
    read(await tenant.admin.post(`/crm/clients/${id}/tags`, { tags: ['TAG 49'] }), 200, ClientSchema);
  });

  it.each([
    ['no body', undefined, ''],
    ['no tags', { tags: [] }, '/tags'],
    ['a blank tag', { tags: ['a', '  '] }, '/tags/1'],
    ['a long tag', { tags: ['x'.repeat(51)] }, '/tags/0'],
    ['something that is no text', { tags: [1] }, '/tags/0'],
    ['an unknown field', { tags: ['a'], tag: 'b' }, '/tag'],
  ])('is refused with %s', async (_, body, pointer) => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient({ tags: ['vip'] });
    const path = `/crm/clients/${id}/tags`;
    expect(pointersOf(problemOf(await tenant.admin.post(path, body), 400, 'request.invalid'))).toEqual([pointer]);
    const removal = problemOf(await tenant.admin.delete(path, {}, body), 400, 'request.invalid');
    expect(pointersOf(removal)).toEqual([body === undefined ? '/tags' : pointer]);
    expect(await tagsOf(tenant, id)).toEqual(['vip']);
  });

  it('is not put on whom nobody finds', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const { id } = await tenant.addClient({ tags: ['vip'] });
    const theirs = await other.addClient();
    expect((await tenant.admin.delete(`/crm/clients/${id}`)).status).toBe(204);
    const body = { tags: ['x'] };
    for (const each of [id, theirs.id, '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10', 'none']) {
      problemOf(await tenant.admin.post(`/crm/clients/${each}/tags`, body), 404, 'resource.not-found');
      problemOf(await tenant.admin.delete(`/crm/clients/${each}/tags`, {}, body), 404, 'resource.not-found');
    }
    expect(await tagsOf(other, theirs.id)).toEqual([]);
  });

  it('is for everybody who works with clients, and for nobody without a token', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    for (const role of ['agent', 'manager'] as const) {
      const user = await tenant.as(role);
      read(await user.post(`/crm/clients/${id}/tags`, { tags: [role] }), 200, ClientSchema);
      read(await user.get('/crm/clients/tags'), 200, CountsSchema);
    }
  });
});

describe('the list of tags', () => {
  it('is by name, with exact counts, and read to its end page by page', async () => {
    const tenant = await openTenant();
    expect(await countsOf(tenant.admin)).toEqual([]);
    for (const tags of [['VIP', 'b', 'Я'], ['vip', 'B'], ['vip'], []]) await tenant.addClient({ tags });
    await eventually(async () => {
      const { items, pages } = await readAll(tenant.admin, '/crm/clients/tags?limit=2', TagCountSchema);
      expect(items).toMatchObject([{ count: 2 }, { count: 3 }, { tag: 'Я', count: 1 }]);
      expect(items.map(({ tag }) => tag.toLowerCase())).toEqual(['b', 'vip', 'я']);
      expect(Math.max(...pages)).toBe(2);
    });
    problemOf(await tenant.admin.get('/crm/clients/tags?cursor=x'), 400, 'cursor.invalid');
    problemOf(await tenant.admin.get('/crm/clients/tags?sort=x'), 400, 'request.invalid');
  });

  it('follows removal, deletion and restoring', async () => {
    const tenant = await openTenant();
    const [one, other] = [await tenant.addClient({ tags: ['vip', 'new'] }), await tenant.addClient({ tags: ['vip'] })];
    const becomes = (counts: readonly object[]) =>
      eventually(async () => {
        expect(await countsOf(tenant.admin)).toEqual(counts);
      });
    await becomes([
      { tag: 'new', count: 1 },
      { tag: 'vip', count: 2 },
    ]);
    await tenant.admin.delete(`/crm/clients/${one.id}`);
    await becomes([{ tag: 'vip', count: 1 }]);
    await tenant.admin.delete(`/crm/clients/${other.id}/tags?tag=vip`);
    await becomes([]);
    await tenant.admin.post(`/crm/clients/${one.id}/restore`);
    await becomes([
      { tag: 'new', count: 1 },
      { tag: 'vip', count: 1 },
    ]);
  });

  it("holds nobody else's tags", async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    await tenant.addClient({ tags: ['vip'] });
    await other.addClient({ tags: ['other'] });
    await eventually(async () => {
      expect(await countsOf(other.admin)).toEqual([{ tag: 'other', count: 1 }]);
    });
    expect(await withTag(other, 'vip')).toEqual([]);
  });
});

describe('clients with a tag', () => {
  it('are listed newest first, matched without case, page by page', async () => {
    const tenant = await openTenant();
    const ids: string[] = [];
    for (const tag of ['a #1', 'A #1', 'a #1']) ids.unshift((await tenant.addClient({ tags: [tag] })).id);
    await tenant.addClient({ tags: ['a #2'] });
    await eventually(async () => {
      expect(await withTag(tenant, 'A #1')).toEqual(ids);
    });
    const { items } = await readAll(
      tenant.admin,
      `/crm/clients?limit=2&tag=${encodeURIComponent('a #1')}`,
      ClientSchema,
    );
    expect(items.map(({ id }) => id)).toEqual(ids);
    expect(items[0]).toMatchObject({ tags: ['a #1'], version: 1 });
  });

  it('are never listed by name, nor with the cursor of another tag', async () => {
    const tenant = await openTenant();
    for (const tags of [['a', 'b'], ['a']]) await tenant.addClient({ tags });
    const refused = problemOf(await tenant.admin.get('/crm/clients?tag=a&sort=name'), 400, 'request.invalid');
    expect(pointersOf(refused)).toEqual(['/sort']);
    await eventually(async () => {
      expect(await withTag(tenant, 'a')).toHaveLength(2);
    });
    const page = read(await tenant.admin.get('/crm/clients?tag=a&limit=1'), 200, ClientsSchema);
    const cursor = encodeURIComponent(page.nextCursor ?? '');
    problemOf(await tenant.admin.get(`/crm/clients?tag=b&cursor=${cursor}`), 400, 'cursor.invalid');
    expect(read(await tenant.admin.get(`/crm/clients?tag=A&cursor=${cursor}`), 200, ClientsSchema).items).toHaveLength(
      1,
    );
  });

  it('lose it in the list as soon as they lost it', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient({ tags: ['vip'] });
    await eventually(async () => {
      expect(await withTag(tenant, 'vip')).toEqual([id]);
    });
    await tenant.admin.delete(`/crm/clients/${id}/tags?tag=vip`);
    expect(await withTag(tenant, 'vip')).toEqual([]);
  });
});
