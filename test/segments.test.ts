import { ClientSchema } from '../lib/contract/clients.ts';
import { SegmentMemberSchema, SegmentSchema } from '../lib/contract/segments.ts';
import { first, problemOf, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { eventOf, eventsOf } from './support/events.ts';
import { expectExact } from './support/projections.ts';
import { newPhone, unique } from './support/random.ts';
import { addSegment, built, hasMembers, membersOf, readSegment, withTags } from './support/segments.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, readAll } from './support/tenant.ts';

describe('a segment', () => {
  it('is created building, is built by a job, and says so', async () => {
    const tenant = await openTenant();
    const ids = await Promise.all([1, 2, 3].map(async () => (await tenant.addClient({ tags: ['vip'] })).id));
    await tenant.addClient({ tags: ['new'] });
    const name = unique('Loyal');
    const answer = await tenant.admin.post('/crm/segments', { name, filter: { all: [withTags('any', 'VIP')] } });
    const segment = read(answer, 201, SegmentSchema);
    expect(segment).toMatchObject({
      name,
      filter: { all: [withTags('any', 'VIP')] },
      status: 'building',
      progress: { done: 0, total: null },
      memberCount: 0,
      version: 1,
    });
    expect(answer.headers.get('location')).toBe(`/crm/segments/${segment.id}`);
    expect(await built(tenant.admin, segment)).toMatchObject({ progress: { done: 4, total: 4 }, memberCount: 3 });
    await hasMembers(tenant.admin, segment, ids);
    expect(await eventOf(tenant.id, 'SegmentCreated', segment.id)).toMatchObject({ data: { status: 'building' } });
    const done = await eventOf(tenant.id, 'SegmentBuilt', segment.id);
    expect(done).toMatchObject({ data: { status: 'ready', memberCount: 3 }, previous: { status: 'building' } });
  });

  it('without conditions has every client; its list shows who they are, newest first, page by page', async () => {
    const tenant = await openTenant();
    const phone = newPhone();
    const one = await tenant.addClient({ firstName: 'Zuhra', lastName: 'Karimova', phone, email: 'z@example.com' });
    const others = [await tenant.addClient(), await tenant.addClient()];
    const answer = await tenant.admin.post('/crm/segments', { name: 'All', filter: {} });
    const segment = read(answer, 201, SegmentSchema);
    expect(segment.filter).toEqual({ all: [] });
    await built(tenant.admin, segment);
    const path = `/crm/segments/${segment.id}/clients?limit=2`;
    const { items, pages } = await readAll(tenant.admin, path, SegmentMemberSchema);
    expect(items.map(({ id }) => id)).toEqual([...others.map(({ id }) => id).reverse(), one.id]);
    expect(Math.max(...pages)).toBe(2);
    const { since, ...summary } = items[2] ?? first([]);
    expect(one).toMatchObject(summary);
    expect(summary).toMatchObject({ firstName: 'Zuhra', phone, email: 'z@example.com' });
    expect(since >= one.createdAt).toBe(true);
  });

  it('follows its clients: who comes to belong, who stops to, what they are called', async () => {
    const tenant = await openTenant();
    const segment = await addSegment(tenant.admin, [withTags('all', 'vip'), withTags('none', 'left')]);
    await built(tenant.admin, segment);
    const { id } = await tenant.addClient({ tags: ['vip'] });
    await hasMembers(tenant.admin, segment, [id]);
    read(await tenant.admin.put(`/crm/clients/${id}`, { firstName: 'Zuhra' }), 200, ClientSchema);
    await eventually(async () => {
      const { items } = await readAll(tenant.admin, `/crm/segments/${segment.id}/clients?limit=9`, SegmentMemberSchema);
      expect(items).toMatchObject([{ firstName: 'Zuhra' }]);
    });
    await tenant.admin.post(`/crm/clients/${id}/tags`, { tags: ['Left'] });
    await hasMembers(tenant.admin, segment, []);
    await tenant.admin.delete(`/crm/clients/${id}/tags?tag=left`);
    await hasMembers(tenant.admin, segment, [id]);
    await tenant.admin.delete(`/crm/clients/${id}`);
    await hasMembers(tenant.admin, segment, []);
    await tenant.admin.post(`/crm/clients/${id}/restore`);
    await hasMembers(tenant.admin, segment, [id]);
  });

  it('follows chats: what was last written on, when, and how the chat stands', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    const phone = newPhone();
    const { id } = await tenant.addClient({ phone });
    const on = (condition: object) => addSegment(tenant.admin, [condition]);
    const never = await on({ field: 'lastMessageAt', operator: 'never' });
    const bySms = await on({ field: 'lastTransport', operator: 'in', transports: ['sms'] });
    const here = await on({ field: 'lastChannel', operator: 'in', channelIds: [channel.id] });
    const open = await on({ field: 'status', operator: 'in', statuses: ['open'] });
    const recent = await on({ field: 'lastMessageAt', operator: 'within-days', days: 1 });
    const free = await on({ field: 'assignee', operator: 'unassigned' });
    for (const segment of [never, free]) await hasMembers(tenant.admin, segment, [id]);
    await tenant.receive(channel, { from: phone, text: 'Salom' });
    for (const segment of [bySms, here, open, recent, free]) await hasMembers(tenant.admin, segment, [id]);
    await hasMembers(tenant.admin, never, []);
  });

  it('follows consent', async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    const phone = newPhone();
    const { id } = await tenant.addClient({ phone });
    const reachable = await addSegment(tenant.admin, [{ field: 'consent', operator: 'opted-in', transport: 'sms' }]);
    const refusing = await addSegment(tenant.admin, [{ field: 'consent', operator: 'opted-out', transport: 'sms' }]);
    await hasMembers(tenant.admin, reachable, [id]);
    await tenant.receive(channel, { from: phone, text: 'STOP' });
    await hasMembers(tenant.admin, refusing, [id]);
    await hasMembers(tenant.admin, reachable, []);
  });

  it('misses nobody who is added, changed or removed while it is built', async () => {
    const tenant = await openTenant();
    for (let batch = 0; batch < 4; batch += 1) {
      await Promise.all(Array.from({ length: 5 }, () => tenant.addClient({ tags: ['vip'] })));
    }
    const segment = await addSegment(tenant.admin, [withTags('any', 'vip')]);
    const late = await Promise.all(Array.from({ length: 3 }, () => tenant.addClient({ tags: ['vip'] })));
    const gone = await tenant.addClient({ tags: ['vip'] });
    await tenant.admin.delete(`/crm/clients/${gone.id}`);
    await tenant.admin.delete(`/crm/clients/${first(late).id}/tags?tag=vip`);
    await built(tenant.admin, segment);
    await eventually(() => expectExact(tenant.id));
    expect((await readSegment(tenant.admin, segment.id)).memberCount).toBe(22);
  });
});

describe('replacing a segment', () => {
  it('with another name keeps its members', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const segment = await addSegment(tenant.admin);
    await built(tenant.admin, segment);
    const body = { name: unique('Renamed'), filter: {} };
    const renamed = read(await tenant.admin.put(`/crm/segments/${segment.id}`, body), 200, SegmentSchema);
    expect(renamed).toMatchObject({ name: body.name, status: 'ready', version: 2, memberCount: 1 });
    expect(await membersOf(tenant.admin, segment)).toEqual([id]);
    const event = await eventOf(tenant.id, 'SegmentUpdated', segment.id);
    expect(event.previous).toMatchObject({ name: segment.name });
  });

  it('with another filter finds its members anew, and shows no former one', async () => {
    const tenant = await openTenant();
    const [one, other] = [await tenant.addClient({ tags: ['a'] }), await tenant.addClient({ tags: ['b'] })];
    const segment = await addSegment(tenant.admin, [withTags('any', 'a')]);
    await built(tenant.admin, segment);
    await hasMembers(tenant.admin, segment, [one.id]);
    const body = { name: segment.name, filter: { all: [withTags('any', 'b')] } };
    const replaced = read(await tenant.admin.put(`/crm/segments/${segment.id}`, body), 200, SegmentSchema);
    expect(replaced).toMatchObject({ status: 'building', memberCount: 0, version: 2 });
    expect(await membersOf(tenant.admin, segment)).not.toContain(one.id);
    await built(tenant.admin, segment);
    await hasMembers(tenant.admin, segment, [other.id]);
    await eventually(() => expectExact(tenant.id));
  });

  it('over a version that the caller has not seen is refused', async () => {
    const { admin } = await openTenant();
    const segment = await addSegment(admin);
    const path = `/crm/segments/${segment.id}`;
    const body = { name: segment.name, filter: {} };
    read(await admin.put(path, body, { 'if-match': '"1"' }), 200, SegmentSchema);
    problemOf(await admin.put(path, body, { 'if-match': '"1"' }), 412, 'version.stale');
    problemOf(await admin.delete(path, { 'if-match': '"1"' }), 412, 'version.stale');
    expect((await admin.delete(path, { 'if-match': '"2"' })).status).toBe(204);
  });

  it('by two people at once ends with the members of one of the two filters', async () => {
    const tenant = await openTenant();
    for (const tag of ['a', 'b', 'c']) await tenant.addClient({ tags: [tag] });
    const segment = await addSegment(tenant.admin, [withTags('any', 'c')]);
    const replace = (tag: string) =>
      tenant.admin.put(`/crm/segments/${segment.id}`, { name: segment.name, filter: { all: [withTags('any', tag)] } });
    for (const answer of await Promise.all(['a', 'b', 'a', 'b'].map(replace))) read(answer, 200, SegmentSchema);
    expect(await built(tenant.admin, segment)).toMatchObject({ version: 5 });
    await eventually(() => expectExact(tenant.id));
    expect(await membersOf(tenant.admin, segment)).toHaveLength(1);
  });
});

describe('deleting a segment', () => {
  it('hides it at once, and leaves no row of it behind', async () => {
    const tenant = await openTenant();
    const clients = await Promise.all([1, 2, 3].map(() => tenant.addClient()));
    const segment = await addSegment(tenant.admin);
    await built(tenant.admin, segment);
    const path = `/crm/segments/${segment.id}`;
    expect((await tenant.admin.delete(path)).status).toBe(204);
    problemOf(await tenant.admin.get(path), 404, 'resource.not-found');
    problemOf(await tenant.admin.get(`${path}/clients`), 404, 'resource.not-found');
    problemOf(await tenant.admin.put(path, { name: 'A', filter: {} }), 404, 'resource.not-found');
    problemOf(await tenant.admin.delete(path), 404, 'resource.not-found');
    await Promise.all(clients.map(({ id }) => tenant.admin.put(`/crm/clients/${id}`, { firstName: 'Zuhra' })));
    await eventually(async () => {
      const rows = (await itemsOf(tenant.id)).filter(({ pk }) => pk === `T#${tenant.id}#SEGMENT#${segment.id}`);
      expect(rows).toEqual([]);
    });
    await eventually(() => expectExact(tenant.id));
    await eventOf(tenant.id, 'SegmentDeleted', segment.id);
  });

  it('while it is built stops that, and frees its name', async () => {
    const tenant = await openTenant();
    await Promise.all(Array.from({ length: 10 }, () => tenant.addClient()));
    const segment = await addSegment(tenant.admin);
    expect((await tenant.admin.delete(`/crm/segments/${segment.id}`)).status).toBe(204);
    const again = await tenant.admin.post('/crm/segments', { name: segment.name, filter: {} });
    await built(tenant.admin, read(again, 201, SegmentSchema));
    await eventually(() => expectExact(tenant.id));
    expect((await eventsOf(tenant.id)).filter(({ type }) => type === 'SegmentBuilt')).toHaveLength(1);
  });
});
