import { ClientSchema } from '../lib/contract/clients.ts';
import { problemOf, read } from './support/answers.ts';
import { newPhone, unique } from './support/random.ts';
import { ClientsSchema, openTenant } from './support/tenant.ts';

describe('an identity', () => {
  it('is given to exactly one of 20 clients that are created with one phone at once', async () => {
    const { admin } = await openTenant();
    const phone = newPhone();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => admin.post('/crm/clients', { firstName: `Olim ${index}`, phone })),
    );
    const winners = answers.filter(({ status }) => status === 201);
    expect(winners).toHaveLength(1);
    const [holder] = winners.map((winner) => read(winner, 201, ClientSchema));
    const losers = answers.filter(({ status }) => status !== 201);
    for (const loser of losers) {
      expect(problemOf(loser, 409, 'contact.duplicate').clientId).toBe(holder?.id);
    }
    expect(read(await admin.get('/crm/clients'), 200, ClientsSchema).items).toEqual([holder]);
  });

  it('is one, whether it is a phone, a contact of type phone or of type whatsapp', async () => {
    const tenant = await openTenant();
    const phone = newPhone();
    const holder = await tenant.addClient({ contacts: [{ type: 'whatsapp', value: phone }] });
    for (const body of [{ phone }, { contacts: [{ type: 'phone', value: phone }] }]) {
      const refused = await tenant.admin.post('/crm/clients', { firstName: 'Sardor', ...body });
      expect(problemOf(refused, 409, 'contact.duplicate').clientId).toBe(holder.id);
    }
    const other = await tenant.addClient();
    const moved = await tenant.admin.put(`/crm/clients/${other.id}`, { firstName: 'Sardor', phone });
    expect(problemOf(moved, 409, 'contact.duplicate').clientId).toBe(holder.id);
  });

  it.each([
    ['email', 'olim@example.com', 'OLIM@example.com'],
    ['telegram', '@olim_k', 'Olim_K'],
    ['instagram', 'olim.k', '@Olim.K'],
    ['website', 'visitor-1', ' visitor-1 '],
    ['other', 'Locker 7', 'Locker 7'],
  ])('of type %s is unique however it is written', async (type, value, again) => {
    const tenant = await openTenant();
    const holder = await tenant.addClient({ contacts: [{ type, value }] });
    const refused = await tenant.admin.post('/crm/clients', { firstName: 'Al', contacts: [{ type, value: again }] });
    expect(problemOf(refused, 409, 'contact.duplicate').clientId).toBe(holder.id);
  });

  it('may be of two types at once: they are told apart', async () => {
    const tenant = await openTenant();
    await tenant.addClient({ contacts: [{ type: 'telegram', value: 'olim_k' }] });
    await tenant.addClient({ contacts: [{ type: 'instagram', value: 'olim_k' }] });
  });

  it('is unique in its tenant only', async () => {
    const fields = { phone: newPhone(), pin: unique('pin') };
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    await tenant.addClient(fields);
    await other.addClient(fields);
  });

  it('is the PIN too', async () => {
    const tenant = await openTenant();
    const pin = unique('pin');
    const holder = await tenant.addClient({ pin });
    const refused = await tenant.admin.post('/crm/clients', { firstName: 'Sardor', pin });
    expect(problemOf(refused, 409, 'client.pin-duplicate').clientId).toBe(holder.id);
    const other = await tenant.addClient();
    const changed = await tenant.admin.put(`/crm/clients/${other.id}`, { firstName: 'Sardor', pin });
    expect(problemOf(changed, 409, 'client.pin-duplicate').clientId).toBe(holder.id);
  });

  it('is free again once its client has another', async () => {
    const tenant = await openTenant();
    const [phone, next, pin] = [newPhone(), newPhone(), unique('pin')];
    const { id } = await tenant.addClient({ phone, pin });
    read(await tenant.admin.put(`/crm/clients/${id}`, { firstName: 'Olim', phone: next }), 200, ClientSchema);
    await tenant.addClient({ phone, pin });
    problemOf(await tenant.admin.post('/crm/clients', { firstName: 'A', phone: next }), 409, 'contact.duplicate');
  });

  it('is left to both clients as it was when one asks for what the other holds', async () => {
    const tenant = await openTenant();
    const [one, other] = [newPhone(), newPhone()];
    await tenant.addClient({ phone: one });
    const { id } = await tenant.addClient({ phone: other });
    problemOf(await tenant.admin.put(`/crm/clients/${id}`, { firstName: 'A', phone: one }), 409, 'contact.duplicate');
    for (const phone of [one, other]) {
      problemOf(await tenant.admin.post('/crm/clients', { firstName: 'B', phone }), 409, 'contact.duplicate');
    }
  });
});

describe('a deleted client', () => {
  it('is not there any more, nor is its chat', async () => {
    const tenant = await openTenant();
    const { admin } = tenant;
    const { id } = await tenant.addClient();
    await admin.post('/crm/chats', { clientId: id });
    expect((await admin.delete(`/crm/clients/${id}`)).status).toBe(204);
    expect(read(await admin.get('/crm/clients'), 200, ClientsSchema).items).toEqual([]);
    expect(await tenant.chats()).toEqual([]);
    for (const answer of await Promise.all([
      admin.get(`/crm/clients/${id}`),
      admin.put(`/crm/clients/${id}`, { firstName: 'Olim' }),
      admin.delete(`/crm/clients/${id}`),
      admin.get(`/crm/clients/${id}/contacts`),
      admin.post(`/crm/clients/${id}/contacts`, { type: 'other', value: 'A' }),
      admin.get(`/crm/chats/${id}`),
      admin.get(`/crm/chats/${id}/messages`),
      admin.get(`/crm/chats/${id}/members`),
      admin.put(`/crm/chats/${id}/read`),
      admin.post('/crm/chats', { clientId: id }),
    ])) {
      problemOf(answer, 404, 'resource.not-found');
    }
  });

  it('comes back with all that it had', async () => {
    const tenant = await openTenant();
    const before = await tenant.addClient({
      phone: newPhone(),
      pin: unique('pin'),
      tags: ['vip'],
      contacts: [{ type: 'email', value: 'olim@example.com' }],
    });
    await tenant.admin.post('/crm/chats', { clientId: before.id });
    const chats = await tenant.chats();
    await tenant.admin.delete(`/crm/clients/${before.id}`);
    const answer = await tenant.admin.post(`/crm/clients/${before.id}/restore`);
    const { updatedAt, ...kept } = before;
    expect(read(answer, 200, ClientSchema)).toMatchObject(kept);
    expect(read(answer, 200, ClientSchema).updatedAt > updatedAt).toBe(true);
    expect(await tenant.chats()).toEqual(chats);
    const taken = await tenant.admin.post('/crm/clients', { firstName: 'A', phone: before.phone });
    expect(problemOf(taken, 409, 'contact.duplicate').clientId).toBe(before.id);
  });

  it('frees its phone, PIN and contacts, and is told on restoring which is taken', async () => {
    const tenant = await openTenant();
    const identities = { phone: newPhone(), pin: unique('pin'), contacts: [{ type: 'other', value: 'Locker 7' }] };
    const { id } = await tenant.addClient(identities);
    const restore = () => tenant.admin.post(`/crm/clients/${id}/restore`);
    const remove = (clientId: string) => tenant.admin.delete(`/crm/clients/${clientId}`);
    await remove(id);
    const takers = [
      [{ phone: identities.phone }, 'contact.duplicate', /phone/],
      [{ pin: identities.pin }, 'client.pin-duplicate', /PIN/],
      [{ contacts: identities.contacts }, 'contact.duplicate', /other/],
    ] as const;
    for (const [taken, code, words] of takers) {
      const taker = await tenant.addClient(taken);
      const problem = problemOf(await restore(), 409, code);
      expect(problem.clientId).toBe(taker.id);
      expect(problem.detail).toMatch(words);
      problemOf(await tenant.admin.get(`/crm/clients/${id}`), 404, 'resource.not-found');
      await remove(taker.id);
    }
    read(await restore(), 200, ClientSchema);
  });

  it('is the only one that can be restored', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const { id } = await tenant.addClient();
    problemOf(await tenant.admin.post(`/crm/clients/${id}/restore`), 409, 'client.not-deleted');
    await tenant.admin.delete(`/crm/clients/${id}`);
    problemOf(await other.admin.post(`/crm/clients/${id}/restore`), 404, 'resource.not-found');
  });
});
