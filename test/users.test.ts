import * as z from 'zod';
import { pageOf } from '../lib/contract/route.ts';
import { NotificationSettingsSchema, ShownUserSchema, UserSchema } from '../lib/contract/users.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { api, eventually, token, type Api } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { itemsOf } from './support/table.ts';
import { AuditSchema, openTenant, readAll, type Tenant } from './support/tenant.ts';

const UsersSchema = pageOf(ShownUserSchema);
const quiet = NotificationSettingsSchema.parse({});

const meOf = async (user: Api) => read(await user.get('/crm/users/me'), 200, UserSchema);
const idsOf = async (reader: Api, query = '') =>
  read(await reader.get(`/crm/users${query}`), 200, UsersSchema).items.map(({ id }) => id);
/** Somebody who has come already. */
const join = async (tenant: Tenant, role: 'admin' | 'manager' | 'agent', id: string): Promise<Api> => {
  const user = await tenant.as(role, id);
  await meOf(user);
  return user;
};

describe('a user', () => {
  it('appears with the first token, with what it says, and is announced', async () => {
    const tenant = await openTenant();
    const olim = api(
      await token({ tenant: tenant.id, user: 'olim', role: 'agent', name: 'Olim', email: 'o@example.com' }),
    );
    // What is asked for need not be allowed, nor be there.
    problemOf(await olim.get('/crm/audit'), 403, 'permission.missing');
    const event = await eventOf(tenant.id, 'UserCreated', 'olim');
    expect(event).toMatchObject({ actor: { type: 'user', id: 'olim' }, subject: { type: 'user', id: 'olim' } });
    const me = await olim.get('/crm/users/me');
    expect(read(me, 200, UserSchema)).toEqual(event.data);
    expect(event.data).toMatchObject({
      id: 'olim',
      role: 'agent',
      name: 'Olim',
      email: 'o@example.com',
      displayName: null,
      languages: [],
      availability: 'available',
      active: true,
      notifications: quiet,
      telegram: null,
      version: 1,
    });
    expect(me.headers.get('etag')).toBe('"1"');
  });

  it('appears once, however many requests come first', async () => {
    const tenant = await openTenant();
    const olim = await tenant.as('agent', 'olim');
    const answers = await Promise.all(Array.from({ length: 8 }, () => olim.get('/crm/users/me')));
    expect(new Set(answers.map((answer) => read(answer, 200, UserSchema).createdAt)).size).toBe(1);
    await eventOf(tenant.id, 'UserCreated', 'olim');
    const created = (await itemsOf(tenant.id)).filter((item) => JSON.stringify(item).includes('"UserCreated"'));
    expect(created.filter(({ sk }) => String(sk).startsWith('EVENT#'))).toHaveLength(1);
  });

  it('is what a later token says; one without a name says nothing of it', async () => {
    const tenant = await openTenant();
    const as = async (role: 'agent' | 'manager', more: { readonly name?: string; readonly email?: string }) =>
      api(await token({ tenant: tenant.id, user: 'olim', role, ...more }));
    await meOf(await as('agent', { name: 'Olim', email: 'o@example.com' }));
    const later = await meOf(await as('manager', { name: 'Olim Karimov' }));
    expect(later).toMatchObject({ role: 'manager', name: 'Olim Karimov', email: 'o@example.com', version: 1 });
    const event = await eventOf(tenant.id, 'UserUpdated', 'olim');
    expect(event.previous).toMatchObject({ role: 'agent', name: 'Olim' });
    expect(await meOf(await as('manager', {}))).toEqual(later);
    await eventually(async () => {
      const answer = await tenant.admin.get('/crm/audit?subjectId=olim');
      const types = read(answer, 200, AuditSchema).items.map(({ type }) => type);
      expect(types).toEqual(['UserUpdated', 'UserCreated']);
    });
  });

  it('sets of itself what is its own, at the version that it read', async () => {
    const tenant = await openTenant();
    const olim = await join(tenant, 'agent', 'olim');
    const input = {
      displayName: 'Olim aka',
      languages: ['uz', 'ru'],
      availability: 'away',
      notifications: { ...quiet, chats: 'all', email: true, quietHours: { from: '22:00', to: '07:00' } },
    };
    const answer = await olim.put('/crm/users/me', input, { 'if-match': '"1"' });
    expect(read(answer, 200, UserSchema)).toMatchObject({ ...input, version: 2 });
    expect(answer.headers.get('etag')).toBe('"2"');
    problemOf(await olim.put('/crm/users/me', {}, { 'if-match': '"1"' }), 412, 'version.stale');
    expect(await meOf(olim)).toMatchObject(input);
    expect((await eventOf(tenant.id, 'UserUpdated', 'olim')).data).toMatchObject(input);
    expect(read(await olim.put('/crm/users/me', {}), 200, UserSchema)).toMatchObject({
      displayName: null,
      notifications: quiet,
    });
    const both = ['available', 'away'].map((availability) =>
      olim.put('/crm/users/me', { availability }, { 'if-match': '"3"' }),
    );
    expect((await Promise.all(both)).map(({ status }) => status).toSorted()).toEqual([200, 412]);
    expect((await meOf(olim)).version).toBe(4);
  });

  it.each([
    ['a blank name', { displayName: ' ' }, '/displayName'],
    ['a language that nobody speaks here', { languages: ['tlh'] }, '/languages/0'],
    ['a language twice', { languages: ['uz', 'uz'] }, '/languages'],
    ['an availability that is none', { availability: 'busy' }, '/availability'],
    ['a time that is none', { notifications: { quietHours: { from: '25:00', to: '07:00' } } }, ['from']],
    ['a time zone that is none', { notifications: { timeZone: 'Mars/Base' } }, ['timeZone']],
    ['a role', { role: 'admin' }, '/role'],
    ['being active', { active: true }, '/active'],
  ])('with %s is refused, and stays as it is', async (_, body, pointer) => {
    const { admin } = await openTenant();
    const before = await meOf(admin);
    const problem = problemOf(await admin.put('/crm/users/me', body), 400, 'request.invalid');
    expect(pointersOf(problem).join()).toContain(Array.isArray(pointer) ? pointer.join() : pointer);
    expect(await meOf(admin)).toEqual(before);
  });

  it('is seen by its display name in what it sends', async () => {
    const tenant = await openTenant();
    await tenant.connectTwilio('sms');
    const { id } = await tenant.addClient({ phone: '+998901234567' });
    await tenant.admin.post('/crm/chats', { clientId: id });
    await tenant.admin.put('/crm/users/me', { displayName: 'Ana opa' });
    expect((await tenant.send(id, { text: 'Salom', transport: 'sms' })).sender).toMatchObject({ name: 'Ana opa' });
  });
});

describe('users', () => {
  it('are listed page by page, and by whether they are active and available', async () => {
    const tenant = await openTenant();
    const { admin } = tenant;
    await meOf(admin);
    for (const id of ['ben', 'eva', 'olim']) await join(tenant, 'agent', id);
    await admin.put('/crm/users/ben', { availability: 'away' });
    await admin.put('/crm/users/eva', { active: false });
    const { items, pages } = await readAll(admin, '/crm/users?limit=3', ShownUserSchema);
    expect(items.map(({ id }) => id)).toEqual(['ana', 'ben', 'eva', 'olim']);
    expect(Math.max(...pages)).toBe(3);
    expect(await idsOf(admin, '?active=true')).toEqual(['ana', 'ben', 'olim']);
    expect(await idsOf(admin, '?active=false')).toEqual(['eva']);
    expect(await idsOf(admin, '?availability=away')).toEqual(['ben']);
    expect(await idsOf(admin, '?active=true&availability=available')).toEqual(['ana', 'olim']);
    problemOf(await admin.get('/crm/users?active=maybe'), 400, 'request.invalid');
    problemOf(await admin.get('/crm/users?cursor=x'), 400, 'cursor.invalid');
  });

  it('do not see of each other where and of what they are told, unless they manage users', async () => {
    const tenant = await openTenant();
    const [olim, ben] = [await join(tenant, 'agent', 'olim'), await join(tenant, 'manager', 'ben')];
    for (const reader of [olim, ben]) {
      const { items } = read(await reader.get('/crm/users'), 200, UsersSchema);
      const telling = items.filter((user) => 'notifications' in user || 'telegram' in user || 'email' in user);
      expect(telling.map(({ id }) => id)).toEqual([(await meOf(reader)).id]);
    }
    expect(read(await olim.get('/crm/users/ben'), 200, z.record(z.string(), z.unknown()))).not.toHaveProperty('email');
    read(await tenant.admin.get('/crm/users/ben'), 200, UserSchema);
    problemOf(await olim.get('/crm/users/nobody'), 404, 'resource.not-found');
  });

  it('are changed by those alone who manage users, and never those of another tenant', async () => {
    const [tenant, other] = [await openTenant(), await openTenant()];
    await join(tenant, 'agent', 'olim');
    const change = { displayName: 'Olim', languages: ['uz'], availability: 'away', active: true };
    const ben = await join(tenant, 'manager', 'ben');
    expect(problemOf(await ben.put('/crm/users/olim', change), 403, 'permission.missing').permission).toBe(
      'User.Manage',
    );
    problemOf(await other.admin.put('/crm/users/olim', change), 404, 'resource.not-found');
    problemOf(await other.admin.get('/crm/users/olim'), 404, 'resource.not-found');
    expect(await idsOf(other.admin)).toEqual(['ana']);
    const changed = read(await tenant.admin.put('/crm/users/olim', change), 200, UserSchema);
    expect(changed).toMatchObject({ ...change, version: 2 });
    problemOf(await tenant.admin.put('/crm/users/olim', change, { 'if-match': '"1"' }), 412, 'version.stale');
    expect(read(await tenant.admin.put('/crm/users/olim', {}), 200, UserSchema)).toMatchObject({ active: true });
  });
});

describe('a deactivated user', () => {
  it('is refused whatever is asked for, though the token lives on, until somebody lets it in again', async () => {
    const tenant = await openTenant();
    const olim = await join(tenant, 'agent', 'olim');
    read(await tenant.admin.put('/crm/users/olim', { active: false }), 200, UserSchema);
    for (const path of ['/crm/users/me', '/crm/clients', '/crm/audit']) {
      problemOf(await olim.get(path), 403, 'user.inactive');
    }
    problemOf(await olim.post('/crm/clients', { firstName: 'Ana' }), 403, 'user.inactive');
    // Nor does a new token with another role.
    problemOf(await (await tenant.as('admin', 'olim')).get('/crm/users'), 403, 'user.inactive');
    read(await tenant.admin.put('/crm/users/olim', { active: true }), 200, UserSchema);
    expect(await meOf(olim)).toMatchObject({ active: true, role: 'agent' });
  });

  it('is never the one who asks, nor the last admin', async () => {
    const tenant = await openTenant();
    await meOf(tenant.admin);
    problemOf(await tenant.admin.put('/crm/users/ana', { active: false }), 409, 'user.yourself');
    const ben = await tenant.as('admin', 'ben');
    await meOf(ben);
    read(await tenant.admin.put('/crm/users/ben', { active: false }), 200, UserSchema);
    problemOf(await ben.put('/crm/users/ana', { active: false }), 403, 'user.inactive');
  });

  it('is one of two admins who deactivate each other at once', async () => {
    const tenant = await openTenant();
    const [ana, ben] = [tenant.admin, await join(tenant, 'admin', 'ben')];
    await meOf(ana);
    const answers = await Promise.all([
      ana.put('/crm/users/ben', { active: false }),
      ben.put('/crm/users/ana', { active: false }),
    ]);
    const statuses = answers.map(({ status }) => status).toSorted();
    expect([[200, 403].join(), [200, 409].join()]).toContain(statuses.join());
    const users = (await itemsOf(tenant.id)).filter(({ sk }) => String(sk).startsWith('USER#'));
    expect(users.filter(({ active }) => active === true)).toHaveLength(1);
  });
});
