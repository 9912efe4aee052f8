import { ClientSchema } from '../lib/contract/clients.ts';
import { mergeClients, undoMerge } from '../lib/contract/merge.ts';
import { ErasureSchema, type Erasure } from '../lib/contract/privacy.ts';
import { pageOf } from '../lib/contract/route.ts';
import type { Client } from '../lib/contract/clients.ts';
import { problemOf, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { merged } from './support/merging.ts';
import { askToErase, erased } from './support/privacy.ts';
import { newPhone, unique } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { ClientsSchema, openTenant, type Tenant } from './support/tenant.ts';

const at = (clientId: string) => `/crm/clients/${clientId}/erase`;

const search = async ({ admin }: Tenant, words: string) =>
  read(await admin.get(`/crm/clients/search?q=${encodeURIComponent(words)}`), 200, ClientsSchema).items;

describe('asking for an erasure', () => {
  it('hides the client at once, from everything', async () => {
    const tenant = await openTenant();
    const { admin } = tenant;
    const name = unique('Nozima');
    const sms = await tenant.connectTwilio('sms');
    const phone = newPhone();
    const client = await tenant.addClient({ firstName: name, phone, tags: ['rare'] });
    await tenant.receive(sms, { from: phone, text: 'Salom' });
    await eventually(async () => expect(await search(tenant, name)).toHaveLength(1));
    const answer = await admin.post(at(client.id));
    const receipt = read(answer, 202, ErasureSchema);
    expect(receipt).toMatchObject({ clientId: client.id, state: 'running', requestedBy: 'ana', completedAt: null });
    expect(answer.headers.get('location')).toBe(`/crm/erasures/${receipt.id}`);
    expect(read(await admin.get(`/crm/erasures/${receipt.id}`), 200, ErasureSchema)).toEqual(receipt);
    problemOf(await admin.get(`/crm/clients/${client.id}`), 404, 'resource.not-found');
    problemOf(await admin.get(`/crm/chats/${client.id}`), 404, 'resource.not-found');
    problemOf(await admin.post(`/crm/chats/${client.id}/messages`, { text: 'x' }), 404, 'resource.not-found');
    problemOf(await admin.post(`/crm/clients/${client.id}/restore`), 404, 'resource.not-found');
    problemOf(await admin.get(`/crm/clients/${client.id}/export`), 404, 'resource.not-found');
    expect(await search(tenant, name)).toEqual([]);
    expect(await tenant.chats()).toEqual([]);
    expect(read(await admin.get('/crm/clients'), 200, ClientsSchema).items).toEqual([]);
    await eventually(async () => expect((await admin.get('/crm/clients/tags')).body).toMatchObject({ items: [] }));
    // The number is free at once: whoever writes is a new client.
    await tenant.receive(sms, { from: phone, text: 'Salom again' });
    const chat = await tenant.onlyChat();
    expect(chat.id).not.toBe(client.id);
    expect(chat.messages.map(({ text }) => text)).toEqual(['Salom again']);
  });

  it('twice at once erases once', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient({ phone: newPhone() });
    const answers = await Promise.all(Array.from({ length: 4 }, () => tenant.admin.post(at(id))));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 404, 404, 404]);
    const { items } = read(await tenant.admin.get('/crm/erasures'), 200, pageOf(ErasureSchema));
    expect(items).toHaveLength(1);
  });

  it('twice with one Idempotency-Key gives the same receipt', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const key = { 'idempotency-key': unique('key') };
    const ask = async () => read(await tenant.admin.post(at(id), undefined, key), 202, ErasureSchema);
    const [one, other] = await Promise.all([ask(), ask()]);
    expect(other).toEqual(one);
    expect(await ask()).toEqual(one);
  });

  it('is for admins, and for who is there', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const { id } = await tenant.addClient();
    for (const role of ['manager', 'agent'] as const) {
      const user = await tenant.as(role);
      for (const answer of [
        await user.post(at(id)),
        await user.get('/crm/erasures'),
        await user.get(`/crm/erasures/${id}`),
      ]) {
        expect(problemOf(answer, 403, 'permission.missing').permission).toBe('Privacy.Erase');
      }
    }
    const unknown = problemOf(await tenant.admin.post(at(crypto.randomUUID())), 404, 'resource.not-found');
    expect(problemOf(await other.admin.post(at(id)), 404, 'resource.not-found').detail).toBe(unknown.detail);
    problemOf(await tenant.admin.get(`/crm/erasures/${crypto.randomUUID()}`), 404, 'resource.not-found');
    const receipt = await askToErase(tenant.admin, id);
    problemOf(await other.admin.get(`/crm/erasures/${receipt.id}`), 404, 'resource.not-found');
    expect((await other.admin.get('/crm/erasures')).body).toEqual({ items: [], nextCursor: null });
  });
});

interface Prepared {
  readonly tenant: Tenant;
  readonly receipt: Erasure;
  readonly clients: readonly Client[];
  readonly heir: Client | undefined;
}

/** A deleted client, whose number is another's by now. */
const prepareDeleted = async (): Promise<Prepared> => {
  const tenant = await openTenant();
  const phone = newPhone();
  const client = await tenant.addClient({ phone, pin: unique('pin') });
  await tenant.admin.delete(`/crm/clients/${client.id}`);
  const heir = await tenant.addClient({ phone });
  return { tenant, clients: [client], heir, receipt: await askToErase(tenant.admin, client.id) };
};

/** A client into whom two others were merged, of whom one had absorbed another. */
const prepareMerged = async (): Promise<Prepared> => {
  const tenant = await openTenant();
  const sms = await tenant.connectTwilio('sms');
  const [one, two, three] = await Promise.all([
    tenant.addClient({ phone: newPhone() }),
    tenant.addClient({ phone: newPhone() }),
    tenant.addClient({ pin: unique('pin') }),
  ]);
  for (const { phone } of [one, two]) await tenant.receive(sms, { from: phone, text: 'Salom' });
  await merged(tenant, two, three);
  await merged(tenant, one, two);
  const redirected = await tenant.admin.post(at(three.id));
  expect(problemOf(redirected, 308, 'client.absorbed').clientId).toBe(one.id);
  const receipt = await askToErase(tenant.admin, one.id);
  return { tenant, clients: [one, two, three], heir: undefined, receipt };
};

/** They wait side by side. */
const prepareAll = async () => {
  const [deleted, survivor] = await Promise.all([prepareDeleted(), prepareMerged()]);
  const [done, doneToo] = await Promise.all([
    erased(deleted.tenant.admin, deleted.receipt),
    erased(survivor.tenant.admin, survivor.receipt),
  ]);
  return { deleted: { ...deleted, receipt: done }, survivor: { ...survivor, receipt: doneToo } };
};

let all: Awaited<ReturnType<typeof prepareAll>>;

const leftOf = async ({ tenant, clients }: Prepared): Promise<string[]> => {
  const keys = (await itemsOf(tenant.id)).map(({ pk, sk }) => `${String(pk)} ${String(sk)}`);
  return keys.filter((key) => clients.some(({ id }) => key.includes(`#CLIENT#${id}`)));
};

describe('an erasure', () => {
  beforeAll(async () => {
    all = await prepareAll();
  }, 90_000);

  it('of a deleted client leaves to others what was free', async () => {
    const { tenant, heir } = all.deleted;
    expect(await leftOf(all.deleted)).toEqual([]);
    const sms = await tenant.connectTwilio('sms');
    await tenant.receive(sms, { from: heir?.phone, text: 'Salom' });
    expect((await tenant.onlyChat()).id).toBe(heir?.id);
  });

  it('of a client into whom others were merged is one of all of them', async () => {
    const { tenant, clients, receipt } = all.survivor;
    expect(receipt).toMatchObject({ clientId: clients[0]?.id, removed: { clients: 3, messages: 2 } });
    expect(await leftOf(all.survivor)).toEqual([]);
    const identities = (await itemsOf(tenant.id)).filter(({ pk }) => String(pk).includes('#IDENTITY#'));
    expect(identities).toEqual([]);
    for (const { id } of clients) problemOf(await tenant.admin.get(`/crm/clients/${id}`), 404, 'resource.not-found');
    for (const { phone, pin } of clients) {
      read(await tenant.admin.post('/crm/clients', { firstName: 'Olim', phone, pin }), 201, ClientSchema);
    }
  });

  it('of a client who was parted from another takes the answers along that tell of both', async () => {
    const tenant = await openTenant();
    const name = unique('Zilola');
    const [survivor, parted] = [await tenant.addClient(), await tenant.addClient({ lastName: name })];
    const at = `/crm/clients/${survivor.id}/merge`;
    const ask = (path: string, body?: object) => tenant.admin.post(path, body, { 'idempotency-key': unique('key') });
    const { merge } = read(await ask(at, { clientId: parted.id }), 200, mergeClients.result);
    read(await ask(`${at}/${merge.id}/undo`), 200, undoMerge.result);
    const answers = async () =>
      (await itemsOf(tenant.id))
        .filter(({ pk }) => String(pk).includes('#IDEMPOTENCY#'))
        .filter((item) => JSON.stringify(item).includes(name));
    expect(await answers()).toHaveLength(2);
    await erased(tenant.admin, await askToErase(tenant.admin, parted.id));
    expect(await answers()).toEqual([]);
  }, 90_000);
});
