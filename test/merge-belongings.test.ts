import * as z from 'zod';
import { InteractionSchema } from '../lib/contract/interactions.ts';
import { MessageSchema } from '../lib/contract/messages.ts';
import { NoteSchema } from '../lib/contract/notes.ts';
import { pageOf } from '../lib/contract/route.ts';
import { problemOf, read } from './support/answers.ts';
import { eventually, simulator } from './support/client.ts';
import { merge, merged, pathOf, undone } from './support/merging.ts';
import { newPhone } from './support/random.ts';
import { clientsFound, untilFound } from './support/search.ts';
import { openTenant, readAll, type Tenant } from './support/tenant.ts';

const addNote = async (tenant: Tenant, client: { readonly id: string }, fields: object) =>
  read(await tenant.admin.post(`/crm/clients/${client.id}/notes`, fields), 201, NoteSchema);
const addInteraction = async (tenant: Tenant, client: { readonly id: string }, fields: object) =>
  read(await tenant.admin.post(`/crm/clients/${client.id}/interactions`, fields), 201, InteractionSchema);

describe('what belonged to the absorbed client', () => {
  it('is read, changed and completed through the survivor: its notes and interactions', async () => {
    const tenant = await openTenant();
    const { admin } = tenant;
    const [survivor, absorbed] = [await tenant.addClient(), await tenant.addClient()];
    const ours = await addNote(tenant, survivor, { text: 'ours' });
    const theirs = await addNote(tenant, absorbed, { text: 'theirs' });
    await addNote(tenant, absorbed, { text: 'between us', private: true });
    const call = await addInteraction(tenant, absorbed, { subject: 'Call', scheduledAt: '2100-01-01T09:00:00.000Z' });
    const { merge: done } = await merged(tenant, survivor, absorbed);
    const path = pathOf(survivor);
    const notes = async (reader = admin) => (await readAll(reader, `${path}/notes?limit=1`, NoteSchema)).items;
    expect((await notes()).map(({ text }) => text)).toEqual(['between us', 'theirs', 'ours']);
    expect((await notes()).every(({ clientId }) => clientId === survivor.id)).toBe(true);
    expect((await notes(await tenant.as('admin', 'bek'))).map(({ text }) => text)).toEqual(['theirs', 'ours']);
    const changed = read(await admin.put(`${path}/notes/${theirs.id}`, { text: 'changed' }), 200, NoteSchema);
    expect(changed).toMatchObject({ id: theirs.id, clientId: survivor.id, version: 2 });
    expect((await admin.delete(`${path}/notes/${ours.id}`)).status).toBe(204);
    const complete = await admin.patch(`${path}/interactions/${call.id}/complete`, { outcome: 'Reached' });
    expect(read(complete, 200, InteractionSchema)).toMatchObject({ clientId: survivor.id, status: 'completed' });
    problemOf(await admin.patch(`${path}/interactions/${call.id}/complete`), 409, 'interaction.completed');
    await undone(tenant, survivor, done.id);
    expect(await notes()).toEqual([]);
    problemOf(await admin.put(`${path}/notes/${theirs.id}`, { text: 'again' }), 404, 'resource.not-found');
    const back = read(await admin.get(`${pathOf(absorbed)}/notes`), 200, pageOf(NoteSchema)).items;
    expect(back.map(({ text }) => text)).toEqual(['between us', 'changed']);
    const listed = await admin.get(`${pathOf(absorbed)}/interactions`);
    expect(read(listed, 200, pageOf(InteractionSchema)).items).toMatchObject([{ id: call.id, outcome: 'Reached' }]);
  });

  it('is found with the survivor: its number, and what it wrote', async () => {
    const tenant = await openTenant();
    const [phone, channel] = [newPhone(), await tenant.connectTwilio('sms')];
    const [survivor, absorbed] = [await tenant.addClient(), await tenant.addClient({ phone })];
    await tenant.receive(channel, { from: phone, text: 'Qachon yetkazasiz?' });
    const clients = () => clientsFound(tenant.admin, phone);
    const chats = async () => {
      const messages = await readAll(tenant.admin, '/crm/messages/search?q=qachon&limit=10', MessageSchema);
      return messages.items.map(({ chatId }) => String(chatId));
    };
    const { merge: done } = await merged(tenant, survivor, absorbed);
    await untilFound(clients, [survivor.id]);
    await untilFound(chats, [survivor.id]);
    await undone(tenant, survivor, done.id);
    await untilFound(clients, [absorbed.id]);
    await untilFound(chats, [absorbed.id]);
  });

  it('is counted once: a tag that both had', async () => {
    const tenant = await openTenant();
    const TagsSchema = z.object({ items: z.array(z.object({ tag: z.string(), count: z.int() })) });
    const counts = (expected: readonly number[]) =>
      eventually(async () => {
        const { items } = read(await tenant.admin.get('/crm/clients/tags'), 200, TagsSchema);
        expect(items.map(({ count }) => count)).toEqual(expected);
      });
    const [survivor, absorbed] = [await tenant.addClient({ tags: ['vip'] }), await tenant.addClient({ tags: ['VIP'] })];
    await counts([2]);
    const { merge: done } = await merged(tenant, survivor, absorbed);
    await counts([1]);
    await undone(tenant, survivor, done.id);
    await counts([2]);
  });

  it('goes out: whatever was taken to be sent while the two were merged, once', async () => {
    const tenant = await openTenant();
    const [phone] = [newPhone(), await tenant.connectTwilio('sms')];
    const [survivor, absorbed] = [await tenant.addClient(), await tenant.addClient({ phone })];
    const say = (text: string) => tenant.admin.post(`/crm/chats/${absorbed.id}/messages`, { text, transport: 'sms' });
    const first = read(await say('first'), 202, MessageSchema);
    const [answer, ...said] = await Promise.all([
      merge(tenant, survivor, absorbed),
      ...Array.from({ length: 6 }, (_, index) => say(`while ${index}`)),
    ]);
    expect(answer.status).toBe(200);
    expect(said.every(({ status }) => status === 202 || status === 308)).toBe(true);
    const also = said.filter(({ status }) => status === 202).map(({ body }) => MessageSchema.parse(body));
    const taken = [first, ...also];
    for (const { id } of taken) await tenant.becomes({ chatId: survivor.id, id }, 'delivered');
    const OutboxSchema = z.object({ items: z.array(z.object({ text: z.string(), times: z.int() })) });
    const { items } = read(await simulator().outbox({ to: phone }), 200, OutboxSchema);
    expect(items.map(({ text }) => text).toSorted()).toEqual(taken.map(({ text }) => text).toSorted());
    expect(items.every(({ times }) => times === 1)).toBe(true);
  });
});
