import { strFromU8 } from 'fflate';
import { ClientExportSchema } from '../lib/contract/privacy.ts';
import { MessageSchema } from '../lib/contract/messages.ts';
import { UploadTicketSchema } from '../lib/contract/uploads.ts';
import { first, pointersOf, problemOf, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { eventOf, eventsOf } from './support/events.ts';
import { merged, undone } from './support/merging.ts';
import { documentIn, exported, filesIn } from './support/privacy.ts';
import { newPhone, unique } from './support/random.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const at = (clientId: string, query = '') => `/crm/clients/${clientId}/export${query}`;

const addNote = async (user: Tenant['admin'], clientId: string, text: string, isPrivate: boolean): Promise<void> => {
  const answer = await user.post(`/crm/clients/${clientId}/notes`, { text, private: isPrivate });
  expect(answer.status).toBe(201);
};

/** A text file that is uploaded, for the client to be sent. */
const upload = async ({ admin }: Tenant, name: string, content: string): Promise<string> => {
  const announced = { name, contentType: 'text/plain', size: Buffer.byteLength(content) };
  const { id, url, fields } = read(await admin.post('/crm/uploads', announced), 201, UploadTicketSchema);
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append('file', new Blob([content]), name);
  const answer = await fetch(url, { method: 'POST', body: form });
  expect(answer.ok).toBe(true);
  return id;
};

describe("a client's export", () => {
  it('holds all there is of the client, and its files', async () => {
    const tenant = await openTenant();
    const { admin } = tenant;
    const phone = newPhone();
    const channel = await tenant.connectTelegram();
    await tenant.receive(channel, { from: '123456', name: 'Gulnora', text: 'Salom' });
    const { id } = await tenant.onlyChat();
    expect(
      (await admin.put(`/crm/clients/${id}`, { firstName: 'Gulnora', phone, comments: 'Toʻxtayeva' })).status,
    ).toBe(200);
    const uploadId = await upload(tenant, 'Narxlar 2026.txt', 'olma 5000');
    const sent = await tenant.send(id, { text: 'Mana', attachments: [{ uploadId }] });
    await addNote(admin, id, 'seen by all', false);
    await addNote(admin, id, 'seen by ana', true);
    const meeting = { type: 'meeting', subject: 'Choyxona', scheduledAt: '2030-01-01T10:00:00.000Z' };
    expect((await admin.post(`/crm/clients/${id}/interactions`, meeting)).status).toBe(201);
    const asked = await admin.get(at(id));
    expect(read(asked, 202, ClientExportSchema)).toMatchObject({
      clientId: id,
      url: null,
      size: null,
      createdAt: null,
    });
    expect(Number(asked.headers.get('retry-after'))).toBeGreaterThan(0);
    const ready = await exported(admin, id);
    expect(ready.state).toBe('ready');
    const files = await filesIn(ready.url);
    const document = documentIn(files);
    expect(document).toMatchObject({
      exportedBy: 'ana',
      client: { id, phone, comments: 'Toʻxtayeva' },
      absorbedClients: [],
      chats: [{ id }],
      notes: [{ text: 'seen by all' }],
      privateNotes: [{ text: 'seen by ana' }],
      interactions: [{ subject: 'Choyxona' }],
    });
    expect(document.messages.map(({ text }) => text)).toEqual(['Salom', 'Mana']);
    expect(document.members.length).toBeGreaterThan(0);
    await eventually(async () => {
      const again = documentIn(await filesIn((await exported(admin, id)).url));
      expect(again).toEqual(document);
    });
    const file = files.get(`files/${sent.id}/1-Narxlar 2026.txt`);
    expect(strFromU8(file ?? new Uint8Array())).toBe('olma 5000');
    expect(files.size).toBe(2);
  });

  it('is there under an address of its own with each answer, for ten minutes at most', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const ready = await exported(tenant.admin, id);
    expect(Date.parse(ready.expiresAt ?? '') - Date.now()).toBeLessThanOrEqual(600_000);
    const answer = await fetch(ready.url ?? '');
    expect(answer.headers.get('content-type')).toBe('application/zip');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="client-${id}.zip"`);
    expect((await answer.arrayBuffer()).byteLength).toBe(ready.size);
    expect((await fetch((ready.url ?? '').replace(/X-Amz-Signature=[^&]+/, 'X-Amz-Signature=0'))).status).not.toBe(200);
  });

  it('is started once by two who ask at once as the same user', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const answers = await Promise.all(Array.from({ length: 5 }, () => tenant.admin.get(at(id))));
    const ids = answers.map((answer) => ClientExportSchema.parse(answer.body).id);
    expect(new Set(ids).size).toBe(1);
    expect((await exported(tenant.admin, id)).id).toBe(first(ids));
    await eventOf(tenant.id, 'ClientExported', id);
  });

  it("never holds somebody else's private note", async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const manager = await tenant.as('manager');
    const [ours, theirs] = [unique('private'), unique('private')];
    await addNote(tenant.admin, id, ours, true);
    await addNote(manager, id, theirs, true);
    const [admins, managers] = await Promise.all([exported(tenant.admin, id), exported(manager, id)]);
    expect(admins.id).not.toBe(managers.id);
    for (const [{ url }, own, other] of [
      [admins, ours, theirs],
      [managers, theirs, ours],
    ] as const) {
      const files = await filesIn(url);
      expect(documentIn(files).privateNotes.map(({ text }) => text)).toEqual([own]);
      expect(strFromU8(files.get('client.json') ?? new Uint8Array())).not.toContain(other);
    }
  });

  it('stays the same for a while even if a fresh one is wished for', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const ready = await exported(tenant.admin, id);
    expect((await exported(tenant.admin, id, '?fresh=true')).id).toBe(ready.id);
  });

  it('is made anew once it tells of somebody who was parted from the client', async () => {
    const tenant = await openTenant();
    const [survivor, absorbed] = [await tenant.addClient(), await tenant.addClient({ firstName: unique('Zilola') })];
    const { merge } = await merged(tenant, survivor, absorbed);
    const both = await exported(tenant.admin, survivor.id);
    expect(documentIn(await filesIn(both.url)).absorbedClients).toMatchObject([{ id: absorbed.id }]);
    await undone(tenant, survivor, merge.id);
    const one = await exported(tenant.admin, survivor.id);
    expect(one.id).not.toBe(both.id);
    expect(documentIn(await filesIn(one.url))).toMatchObject({ client: { id: survivor.id }, absorbedClients: [] });
    expect((await exported(tenant.admin, survivor.id)).id).toBe(one.id);
  });

  it('is announced by ids alone, and audited', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient({ firstName: 'Gulnora' });
    const ready = await exported(tenant.admin, id);
    const event = await eventOf(tenant.id, 'ClientExported', id);
    expect(event).toMatchObject({ actor: { type: 'user', id: 'ana' }, data: { id: ready.id, clientId: id } });
    expect(Object.keys(event.data).toSorted()).toEqual(['clientId', 'id']);
    expect(documentIn(await filesIn(ready.url)).audit.length).toBeLessThanOrEqual((await eventsOf(tenant.id)).length);
  });

  it('is found under the second address', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const ready = await exported(tenant.admin, id);
    const other = read(await tenant.admin.get(`/api/customers/${id}/export`), 200, ClientExportSchema);
    expect(other.id).toBe(ready.id);
  });

  it('is refused for who is not there, and to who may not', async () => {
    const [tenant, other] = await Promise.all([openTenant(), openTenant()]);
    const { id } = await tenant.addClient();
    const unknown = problemOf(await tenant.admin.get(at(crypto.randomUUID())), 404, 'resource.not-found');
    const foreign = problemOf(await other.admin.get(at(id)), 404, 'resource.not-found');
    expect(foreign.detail).toBe(unknown.detail);
    const agent = await tenant.as('agent');
    expect(problemOf(await agent.get(at(id)), 403, 'permission.missing').permission).toBe('Privacy.Export');
    expect(pointersOf(problemOf(await tenant.admin.get(at(id, '?fresh=yes')), 400, 'request.invalid'))).toEqual([
      '/fresh',
    ]);
    await tenant.admin.delete(`/crm/clients/${id}`);
    problemOf(await tenant.admin.get(at(id)), 404, 'resource.not-found');
  });
});

it('a message is exported as the API shows it', async () => {
  const tenant = await openTenant();
  const phone = newPhone();
  const channel = await tenant.connectTwilio('sms');
  await tenant.receive(channel, { from: phone, text: 'Salom' });
  const chat = await tenant.onlyChat();
  const { messages } = documentIn(await filesIn((await exported(tenant.admin, chat.id)).url));
  expect(messages).toEqual(chat.messages.map((message) => MessageSchema.parse(message)));
});
