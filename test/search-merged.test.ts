import { NoteSchema } from '../lib/contract/notes.ts';
import { problemOf, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { merged, undone } from './support/merging.ts';
import { newPhone } from './support/random.ts';
import { clientsFound, messagesFound, untilFound } from './support/search.ts';
import { itemsOf } from './support/table.ts';
import { MessagesSchema, openTenant } from './support/tenant.ts';

/** Two clients, with a note and a message each. */
const openPair = async () => {
  const tenant = await openTenant();
  await tenant.connectTwilio('sms');
  const add = async (firstName: string, comments: string) => {
    const client = await tenant.addClient({ firstName, phone: newPhone(), comments });
    const path = `/crm/clients/${client.id}/notes`;
    read(await tenant.admin.post(path, { text: `${firstName} haqida eslatma` }), 201, NoteSchema);
    const message = await tenant.send(client.id, { text: `Salom ${firstName}`, transport: 'sms' });
    return { ...client, message };
  };
  const [survivor, absorbed] = [await add('Olim', 'birinchi'), await add('Salim', 'ikkinchi')];
  const { admin } = tenant;
  await untilFound(() => clientsFound(admin, 'eslatma'), [absorbed.id, survivor.id]);
  await untilFound(() => messagesFound(admin, 'salom'), [absorbed.message.id, survivor.message.id]);
  await untilFound(() => clientsFound(admin, 'salim ikkinchi'), [absorbed.id]);
  return { tenant, admin, survivor, absorbed };
};

describe('once two clients are merged', () => {
  it('what was of either leads to the survivor, once; when the merge is undone, each to its own again', async () => {
    const { tenant, admin, survivor, absorbed } = await openPair();
    const { merge } = await merged(tenant, survivor, absorbed);
    await untilFound(() => clientsFound(admin, 'eslatma'), [survivor.id]);
    await untilFound(() => clientsFound(admin, 'salim haqida'), [survivor.id]);
    await untilFound(() => clientsFound(admin, absorbed.phone ?? ''), [survivor.id]);
    expect(await clientsFound(admin, 'salim ikkinchi')).toEqual([]);
    const filter = { chatId: survivor.id };
    const both = [absorbed.message.id, survivor.message.id];
    await untilFound(() => messagesFound(admin, 'salom'), both);
    expect(await messagesFound(admin, 'salom', filter)).toEqual(both);
    const { items } = read(await admin.get('/crm/messages/search?q=salim'), 200, MessagesSchema);
    expect(items).toMatchObject([{ id: absorbed.message.id, chatId: survivor.id, clientId: survivor.id }]);
    const query = new URLSearchParams({ q: 'salom', chatId: absorbed.id }).toString();
    expect(problemOf(await admin.get(`/crm/messages/search?${query}`), 409, 'client.merged')).toMatchObject({
      clientId: survivor.id,
    });
    await undone(tenant, survivor, merge.id);
    await untilFound(() => clientsFound(admin, 'eslatma'), [absorbed.id, survivor.id]);
    await untilFound(() => clientsFound(admin, 'salim ikkinchi'), [absorbed.id]);
    await untilFound(() => messagesFound(admin, 'salom', filter), [survivor.message.id]);
    expect(await messagesFound(admin, 'salom', { chatId: absorbed.id })).toEqual([absorbed.message.id]);
  });
});

describe('once a client is erased', () => {
  it('nothing that was said of it or with it is found, and nothing is posted any more', async () => {
    const { tenant, admin, survivor, absorbed } = await openPair();
    await merged(tenant, survivor, absorbed);
    await untilFound(() => clientsFound(admin, 'eslatma'), [survivor.id]);
    expect((await admin.post(`/crm/clients/${survivor.id}/erase`)).status).toBe(202);
    for (const text of ['eslatma', 'olim', 'birinchi']) expect(await clientsFound(admin, text)).toEqual([]);
    expect(await messagesFound(admin, 'salom')).toEqual([]);
    await eventually(async () => {
      const keys = (await itemsOf(tenant.id)).map(({ pk, sk }) => `${String(pk)} ${String(sk)}`);
      expect(keys.filter((key) => /#TERM#| TERMS#/.test(key))).toEqual([]);
    }, 25_000);
  }, 60_000);
});
