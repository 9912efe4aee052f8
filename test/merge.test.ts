import { ClientSchema } from '../lib/contract/clients.ts';
import { mergeClients, MergePreviewSchema } from '../lib/contract/merge.ts';
import { first, problemOf, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { ABSENT, clientOf, expectMoved, merged, MergesSchema, pathOf, undo } from './support/merging.ts';
import { newPhone, unique } from './support/random.ts';
import { AuditSchema, ClientsSchema, openTenant } from './support/tenant.ts';

describe('a merged client', () => {
  it('has what either of the two had, and the survivor’s where both had something', async () => {
    const tenant = await openTenant();
    const [ours, theirs] = [newPhone(), newPhone()];
    const survivor = await tenant.addClient({
      firstName: 'Olim',
      phone: ours,
      comments: 'Prefers mornings',
      tags: ['VIP', 'wholesale'],
      customFields: { size: 'M', visits: 3 },
      contacts: [{ type: 'email', value: 'olim@example.com' }],
    });
    const absorbed = await tenant.addClient({
      firstName: 'Olimjon',
      lastName: 'Karimov',
      phone: theirs,
      email: 'karimov@example.com',
      pin: unique('pin'),
      comments: 'Pays by card',
      tags: ['vip', 'tashkent'],
      customFields: { size: 'L', loyal: true },
      contacts: [{ type: 'telegram', value: '12345678' }],
    });
    const result = await merged(tenant, survivor, absorbed);
    expect(result).toMatchObject({
      id: survivor.id,
      firstName: 'Olim',
      lastName: 'Karimov',
      phone: ours,
      email: 'karimov@example.com',
      pin: absorbed.pin,
      comments: 'Prefers mornings\n\nPays by card',
      tags: ['VIP', 'wholesale', 'tashkent'],
      customFields: { size: 'M', visits: 3, loyal: true },
      version: 2,
      merge: { absorbedId: absorbed.id, absorbedClient: { firstName: 'Olimjon', lastName: 'Karimov' }, undoneAt: null },
    });
    expect(result.contacts.map(({ type, value }) => [type, value])).toEqual([
      ['email', 'olim@example.com'],
      ['phone', theirs],
      ['telegram', '12345678'],
    ]);
    const client = await clientOf(tenant, survivor);
    expect(client).toEqual(ClientSchema.parse(result));
    expect(read(await tenant.admin.get('/crm/clients'), 200, ClientsSchema).items).toEqual([client]);
  });

  it('takes the values that are preferred', async () => {
    const tenant = await openTenant();
    const [ours, theirs] = [newPhone(), newPhone()];
    const [survivor, absorbed] = [
      await tenant.addClient({ lastName: 'A', phone: ours, comments: 'one', customFields: { size: 'M', age: 1 } }),
      await tenant.addClient({ lastName: 'B', phone: theirs, comments: 'two', customFields: { size: 'L', age: 2 } }),
    ];
    const prefer = { lastName: 'absorbed', phone: 'absorbed', comments: 'absorbed', 'customFields.size': 'absorbed' };
    const client = await merged(tenant, survivor, absorbed, { prefer });
    expect(client).toMatchObject({
      lastName: 'B',
      phone: theirs,
      comments: 'two',
      customFields: { size: 'L', age: 1 },
    });
    expect(client.contacts).toMatchObject([{ type: 'phone', value: ours }]);
    const again = await tenant.admin.post('/crm/clients', { firstName: 'Aziz', phone: ours });
    expect(problemOf(again, 409, 'contact.duplicate').clientId).toBe(survivor.id);
  });

  it('is previewed as it would be, and nothing changes', async () => {
    const tenant = await openTenant();
    const bot = await tenant.connectTwilio('sms');
    const phone = newPhone();
    await tenant.receive(bot, { from: phone, text: 'Salom' });
    await tenant.receive(bot, { from: phone, text: 'Salom?' });
    const absorbed = first(read(await tenant.admin.get('/crm/clients'), 200, ClientsSchema).items);
    const survivor = await tenant.addClient({ lastName: 'Karimov', phone: newPhone(), tags: ['vip'] });
    await tenant.admin.post(`${pathOf(absorbed)}/interactions`, {
      subject: 'Call back',
      scheduledAt: '2100-01-01T09:00:00.000Z',
    });
    await tenant.admin.post(`${pathOf(absorbed)}/tags`, { tags: ['VIP', 'new'] });
    const before = await clientOf(tenant, absorbed);
    const preview = read(
      await tenant.admin.post(`${pathOf(survivor)}/merge/preview`, { clientId: absorbed.id }),
      200,
      MergePreviewSchema,
    );
    expect(preview.client).toMatchObject({ id: survivor.id, firstName: 'Olim', lastName: 'Karimov' });
    expect(preview.conflicts).toMatchObject([
      { field: 'firstName', survivor: 'Olim', winner: 'survivor' },
      { field: 'phone', survivor: survivor.phone, absorbed: phone, winner: 'survivor' },
    ]);
    expect(preview.joins).toMatchObject({ unreadCount: 2, openInteractions: 1, clients: [absorbed.id] });
    expect(preview.joins.contacts).toMatchObject([{ type: 'phone', value: phone }]);
    expect(preview.problems).toEqual([]);
    expect(await clientOf(tenant, absorbed)).toEqual(before);
    expect(await clientOf(tenant, survivor)).toEqual(survivor);
    const { tags, comments, phone: kept, version } = await merged(tenant, survivor, absorbed);
    expect(preview.client).toMatchObject({ tags, comments, phone: kept, version });
  });

  it('is found where the absorbed one was, whatever is asked of it', async () => {
    const tenant = await openTenant();
    const [survivor, absorbed] = [await tenant.addClient(), await tenant.addClient({ phone: newPhone() })];
    const other = await tenant.addClient({ phone: newPhone() });
    await merged(tenant, survivor, absorbed);
    const { admin } = tenant;
    const [from, to] = [absorbed.id, survivor.id];
    expectMoved(await admin.get(`/crm/clients/${from}`), `/crm/clients/${to}`, survivor);
    expectMoved(await admin.get(`/api/customers/${from}`), `/api/customers/${to}`, survivor);
    expectMoved(await admin.put(`/crm/clients/${from}`, { firstName: 'X' }), `/crm/clients/${to}`, survivor);
    expectMoved(await admin.delete(`/crm/clients/${from}`), `/crm/clients/${to}`, survivor);
    expectMoved(await admin.post(`/crm/clients/${from}/restore`), `/crm/clients/${to}/restore`, survivor);
    expectMoved(await admin.get(`/crm/clients/${from}/contacts`), `/crm/clients/${to}/contacts`, survivor);
    const contact = { type: 'other', value: 'A' };
    expectMoved(await admin.post(`/crm/clients/${from}/contacts`, contact), `/crm/clients/${to}/contacts`, survivor);
    expectMoved(await admin.get(`/crm/chats/${from}`), `/crm/chats/${to}`, survivor);
    expectMoved(await admin.get(`/crm/chats/${from}/members`), `/crm/chats/${to}/members`, survivor);
    expectMoved(await admin.get(`/crm/chats/${from}/messages?limit=3`), `/crm/chats/${to}/messages?limit=3`, survivor);
    const message = `messages/${ABSENT}`;
    expectMoved(await admin.get(`/crm/chats/${from}/${message}`), `/crm/chats/${to}/${message}`, survivor);
    expectMoved(await admin.put(`/crm/chats/${from}/${message}/read`), `/crm/chats/${to}/${message}/read`, survivor);
    expectMoved(
      await admin.post(`/crm/chats/${from}/${message}/resend`),
      `/crm/chats/${to}/${message}/resend`,
      survivor,
    );
    expectMoved(await admin.put(`/crm/chats/${from}/read`), `/crm/chats/${to}/read`, survivor);
    expectMoved(await admin.post(`/crm/chats/${from}/messages`, { text: 'Hi' }), `/crm/chats/${to}/messages`, survivor);
    expectMoved(await admin.get(`/crm/clients/${from}/notes`), `/crm/clients/${to}/notes`, survivor);
    expectMoved(await admin.post(`/crm/clients/${from}/notes`, { text: 'Hi' }), `/crm/clients/${to}/notes`, survivor);
    expectMoved(await admin.get(`/crm/clients/${from}/interactions`), `/crm/clients/${to}/interactions`, survivor);
    const asked = { clientId: other.id };
    expectMoved(await admin.post(`/crm/clients/${from}/merge`, asked), `/crm/clients/${to}/merge`, survivor);
    // What names it elsewhere cannot be led on by an address.
    expect(problemOf(await admin.post('/crm/chats', { clientId: from }), 409, 'client.merged').clientId).toBe(to);
    const stranger = await openTenant();
    problemOf(await stranger.admin.get(`/crm/clients/${from}`), 404, 'resource.not-found');
  });

  it('is announced and audited', async () => {
    const tenant = await openTenant();
    const [survivor, absorbed] = [await tenant.addClient(), await tenant.addClient({ lastName: 'Karimov' })];
    const { merge: done } = await merged(tenant, survivor, absorbed);
    const event = await eventOf(tenant.id, 'ClientMerged', survivor.id);
    expect(event).toMatchObject({
      actor: { type: 'user', id: 'ana' },
      data: { id: survivor.id, lastName: 'Karimov', absorbedId: absorbed.id, mergeId: done.id },
      previous: { lastName: null },
    });
    await undo(tenant, survivor, done.id);
    expect(await eventOf(tenant.id, 'ClientUnmerged', survivor.id)).toMatchObject({
      data: { absorbedId: absorbed.id },
    });
    expect(await eventOf(tenant.id, 'ClientRestored', absorbed.id)).toMatchObject({ data: { lastName: 'Karimov' } });
    await eventually(async () => {
      const audit = read(await tenant.admin.get(`/crm/audit?subjectId=${survivor.id}`), 200, AuditSchema);
      const types = audit.items.map(({ type }) => type);
      expect(types).toEqual(expect.arrayContaining(['ClientMerged', 'ClientUnmerged']));
    });
  });

  it('stays merged when it is deleted and restored', async () => {
    const tenant = await openTenant();
    const [phone, bot] = [newPhone(), await tenant.connectTwilio('sms')];
    const [survivor, absorbed] = [await tenant.addClient(), await tenant.addClient({ phone })];
    await merged(tenant, survivor, absorbed);
    await tenant.admin.delete(pathOf(survivor));
    problemOf(await tenant.admin.get(pathOf(survivor)), 404, 'resource.not-found');
    expectMoved(await tenant.admin.get(pathOf(absorbed)), pathOf(survivor), survivor);
    read(await tenant.admin.post(`${pathOf(survivor)}/restore`), 200, ClientSchema);
    await tenant.receive(bot, { from: phone, text: 'Salom' });
    expect((await tenant.chat(survivor.id)).messages).toMatchObject([{ text: 'Salom' }]);
  });

  it('is made once for one Idempotency-Key', async () => {
    const tenant = await openTenant();
    const [survivor, absorbed] = [await tenant.addClient(), await tenant.addClient({ tags: ['vip'] })];
    const ask = () =>
      tenant.admin.post(`${pathOf(survivor)}/merge`, { clientId: absorbed.id }, { 'idempotency-key': 'once' });
    const [one, two] = await Promise.all([ask(), ask()]);
    expect(read(one, 200, mergeClients.result)).toEqual(read(two, 200, mergeClients.result));
    expect(read(await ask(), 200, mergeClients.result)).toEqual(read(one, 200, mergeClients.result));
    expect(read(await tenant.admin.get(`${pathOf(survivor)}/merges`), 200, MergesSchema).items).toHaveLength(1);
  });
});
