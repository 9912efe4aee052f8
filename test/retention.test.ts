import * as z from 'zod';
import { pageOf } from '../lib/contract/route.ts';
import { SettingsSchema } from '../lib/contract/settings.ts';
import { UploadIdSchema, UserIdSchema, type ClientId } from '../lib/contract/vocabulary.ts';
import type { Act } from '../lib/domain/act.ts';
import { clientEvent } from '../lib/domain/occurrence.ts';
import { sections } from '../lib/messaging/export-sections.ts';
import { settle } from '../lib/messaging/settle.ts';
import { getSettings } from '../lib/table/settings.ts';
import { insertMessage } from '../lib/table/messages.ts';
import { announce } from '../lib/table/outbox.ts';
import { commit, put } from '../lib/table/transaction.ts';
import { first, problemOf, read } from './support/answers.ts';
import { objectsOf } from './support/bucket.ts';
import { addClient, outboundMessage } from './support/builders.ts';
import { eventually } from './support/client.ts';
import { merge, phoneOf, write } from './support/merges.ts';
import { attachment, daysAgo, meet, writeNote } from './support/retention.ts';
import { newPhone } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';
import { uploadFile } from './support/uploads.ts';

const MONTH = { messages: 30, notes: 30, interactions: 30, history: 30, audit: 30 };
const KeySchema = z.object({ pk: z.string(), sk: z.string() });
const AnyPageSchema = pageOf(z.looseObject({ id: z.string() }));

const keep = async ({ admin }: Tenant, retention: object = MONTH) =>
  read(await admin.put('/crm/settings', { retention }), 200, SettingsSchema);
const listOf = async ({ admin }: Tenant, path: string) => read(await admin.get(path), 200, AnyPageSchema).items;
const textsOf = (items: readonly object[]): string => JSON.stringify(items);

/** A client with something of each kind, long ago and lately. */
const live = async (tenant: Tenant) => {
  const [past, now] = [daysAgo(tenant.id, 40), daysAgo(tenant.id, 2)];
  const client = await addClient(past, { phone: newPhone() });
  const [olden, recent] = ['oldenwords', 'recentwords'] as const;
  for (const [act, said] of [
    [past, olden],
    [now, recent],
  ] as const) {
    await write(act, phoneOf(client), said);
    await writeNote(act, client.id, said);
    await writeNote(act, client.id, `${said} secret`, true);
    await meet(act, client.id, said, null);
  }
  await meet(past, client.id, 'planned', new Date(Date.now() + 24 * 3600 * 1000).toISOString());
  return { id: client.id, client, past, now, olden, recent };
};

/** Everything that the API shows of a client. */
const shown = async (tenant: Tenant, id: ClientId) => {
  const lists = [
    `/crm/chats/${id}/messages`,
    ...['notes', 'interactions', 'history'].map((of) => `/crm/clients/${id}/${of}`),
  ];
  return textsOf(await Promise.all(lists.map((path) => listOf(tenant, path))));
};

/** The night after the next begins. */
const fallNight = async (tenant: Tenant): Promise<void> => {
  const act: Act = { ...daysAgo(tenant.id, -2), actor: { type: 'system', id: 'settle-due' } };
  await settle(act, { kind: 'retention', tenant: tenant.id });
};

const jobOf = async (tenant: Tenant) =>
  (await itemsOf(tenant.id)).filter(({ sk, kind }) => sk === 'JOB' && kind === 'retention');

/** … and the job is done. */
const pass = async (tenant: Tenant): Promise<void> => {
  await fallNight(tenant);
  await eventually(async () => {
    expect((await jobOf(tenant)).map(({ state }) => state)).toEqual(['done']);
  }, 20_000);
};

describe('what is kept for a time', () => {
  it('is not shown when it is older, in any list, by its id, to a search or in an export; and is again', async () => {
    const [tenant, other] = [await openTenant(), await openTenant()];
    const [{ id, olden, recent }, theirs] = [await live(tenant), await live(other)];
    const search = (word: string) => listOf(tenant, `/crm/messages/search?q=${word}`);
    const clients = (word: string) => listOf(tenant, `/crm/clients/search?q=${word}`);
    await eventually(async () => {
      expect(await search(olden)).toHaveLength(1);
      expect(await search(recent)).toHaveLength(1);
      expect(await clients(olden)).toHaveLength(1);
    }, 25_000);
    const messages = await listOf(tenant, `/crm/chats/${id}/messages`);
    const notes = await listOf(tenant, `/crm/clients/${id}/notes`);
    expect([messages.length, notes.length]).toEqual([2, 4]);
    await keep(tenant);
    const text = await shown(tenant, id);
    expect(text).not.toContain(olden);
    for (const word of [recent, 'planned', `${recent} secret`]) expect(text).toContain(word);
    expect(await listOf(tenant, `/crm/chats/${id}/messages?limit=1`)).toHaveLength(1);
    const [oldMessage, oldNote] = [messages.at(-1)?.id ?? '', notes.at(-1)?.id ?? ''];
    problemOf(await tenant.admin.get(`/crm/chats/${id}/messages/${oldMessage}`), 404, 'resource.not-found');
    problemOf(
      await tenant.admin.put(`/crm/clients/${id}/notes/${oldNote}`, { text: 'x', private: false }),
      404,
      'resource.not-found',
    );
    expect([await search(olden), await clients(olden)]).toEqual([[], []]);
    expect(await search(recent)).toHaveLength(1);
    const exported = await Promise.all(
      sections.map(({ read: list }) => {
        const asked = { tenant: tenant.id, home: id, reader: UserIdSchema.parse('ana'), after: null, limit: 100 };
        return list({ ...asked, now: new Date() });
      }),
    );
    const document = textsOf(exported.filter((_, index) => sections[index]?.name !== 'chats'));
    expect(document).not.toContain(olden);
    expect(document).toContain(recent);
    expect(textsOf(await listOf(tenant, '/crm/audit'))).not.toContain(
      daysAgo(tenant.id, 40).now().toISOString().slice(0, 10),
    );
    expect(await shown(other, theirs.id)).toContain(theirs.olden);
    await keep(tenant, {});
    expect(await shown(tenant, id)).toContain(olden);
  });

  it('is kept for whole days, and for a time that can be had', async () => {
    const { admin } = await openTenant();
    for (const kind of Object.keys(MONTH)) {
      for (const days of [0, -1, 1.5, 36_501, '30']) {
        problemOf(await admin.put('/crm/settings', { retention: { [kind]: days } }), 400, 'request.invalid');
      }
    }
    problemOf(await admin.put('/crm/settings', { retention: { calls: 1 } }), 400, 'request.invalid');
    expect((await admin.get('/crm/settings')).body).toMatchObject({ version: 1, retention: { messages: null } });
  });
});

describe('by night', () => {
  it('what is too old is removed with its files and what it was found by, and nobody else’s', async () => {
    const [tenant, other] = [await openTenant(), await openTenant()];
    const [{ id, past, olden, recent, client }, theirs] = [await live(tenant), await live(other)];
    const bytes = Buffer.from('%PDF-1.4 old');
    const [gone, stays] = [
      await uploadFile(tenant.admin, { name: 'a.pdf', contentType: 'application/pdf', bytes }),
      await uploadFile(tenant.admin, { name: 'b.pdf', contentType: 'application/pdf', bytes }),
    ];
    const attached = (uploadId: string) => ({
      ...outboundMessage(past, id, { status: 'delivered', text: olden, dueAt: null }),
      attachments: [attachment(UploadIdSchema.parse(uploadId))],
    });
    const again = { ...outboundMessage(daysAgo(tenant.id, 1), id, { status: 'delivered', dueAt: null }) };
    await commit(tenant.id, [
      insertMessage(tenant.id, attached(gone.id)),
      insertMessage(tenant.id, attached(stays.id)),
      insertMessage(tenant.id, { ...again, attachments: [attachment(UploadIdSchema.parse(stays.id))] }),
      announce(clientEvent(past, 'ClientUpdated', client, { ...client, firstName: olden })),
    ]);
    // One whose messages are all old, and one that was merged into another.
    const silent = await addClient(past, { phone: newPhone() });
    await write(past, phoneOf(silent), olden);
    const absorbed = await addClient(past, { phone: newPhone() });
    await write(past, phoneOf(absorbed), olden);
    await merge(daysAgo(tenant.id, 1), id, absorbed.id);
    const deleted = await addClient(past, { phone: newPhone() });
    await write(past, phoneOf(deleted), olden);
    await tenant.admin.delete(`/crm/clients/${deleted.id}`);
    // A hold, on one that is as old.
    const held = await addClient(past, { phone: newPhone() });
    await write(past, phoneOf(held), `${olden} held`);
    await tenant.admin.put(`/crm/clients/${held.id}/legal-hold`, { reason: 'Court' });
    const postingsOf = async () =>
      (await itemsOf(tenant.id)).filter(({ pk }) => String(pk).includes(`#TERM#MESSAGE#${olden}`)).length;
    await eventually(async () => {
      // All but those that were written without an event.
      expect(await postingsOf()).toBe(5);
      expect(textsOf(await itemsOf(tenant.id))).toContain('CHANGE#profile#');
    }, 25_000);
    const before = (await itemsOf(other.id)).filter(({ pk }) => !String(pk).includes('#UNSEALED'));
    await keep(tenant);
    await pass(tenant);

    const left = (await itemsOf(tenant.id)).filter(({ sk }) => !String(sk).startsWith('EVENT#'));
    const withOlden = left.filter((item) => textsOf([item]).includes(olden));
    const inHeld = withOlden.filter((item) => textsOf([item]).includes(held.id));
    expect(withOlden.map(({ pk, sk }) => `${String(pk)} ${String(sk)}`)).toEqual(
      inHeld.map(({ pk, sk }) => `${String(pk)} ${String(sk)}`),
    );
    expect(inHeld.some(({ sk }) => String(sk).startsWith('MESSAGE#'))).toBe(true);
    expect(await postingsOf()).toBe(1);
    expect(textsOf(left)).toContain(recent);
    expect(left.filter(({ pk }) => String(pk).includes(`#AUDIT#${past.now().toISOString().slice(0, 10)}`))).toEqual([]);
    problemOf(await tenant.admin.get(`/crm/uploads/${gone.id}`), 404, 'resource.not-found');
    // The due job comes for its bytes.
    await eventually(async () => {
      const files = [...(await objectsOf(tenant.id)).keys()].join();
      expect(files).not.toContain(gone.id);
      expect(files).toContain(stays.id);
    }, 20_000);

    const chat = await tenant.chat(id);
    expect(chat).toMatchObject({ unreadCount: 1, lastMessage: { text: recent } });
    expect(await tenant.chat(silent.id)).toMatchObject({ unreadCount: 0, lastMessage: null, messages: [] });
    await tenant.admin.post(`/crm/clients/${deleted.id}/restore`);
    expect(await tenant.chat(deleted.id)).toMatchObject({ unreadCount: 0, lastMessage: null });
    expect((await tenant.chats('?unread=true')).map((each) => each.id).toSorted()).toEqual([id, held.id].toSorted());
    expect((await itemsOf(other.id)).length).toBeGreaterThanOrEqual(before.length);
    expect(await shown(other, theirs.id)).toContain(theirs.olden);
  });

  it('it is begun once, and again the night after', async () => {
    const tenant = await openTenant();
    const saved = await keep(tenant, { messages: 30 });
    expect(saved).not.toHaveProperty('dueAt');
    const due = (await getSettings(tenant.id)).dueAt ?? '';
    expect(Date.parse(due) - Date.now()).toBeLessThanOrEqual(24 * 3600 * 1000);
    await settle(daysAgo(tenant.id, 0), { kind: 'retention', tenant: tenant.id });
    expect(await jobOf(tenant)).toEqual([]);
    await Promise.all([fallNight(tenant), fallNight(tenant)]);
    const [job, ...others] = await jobOf(tenant);
    expect(others).toEqual([]);
    expect(((await getSettings(tenant.id)).dueAt ?? '') > due).toBe(true);
    await eventually(async () => expect((await jobOf(tenant)).map(({ state }) => state)).toEqual(['done']), 20_000);
    // One that goes on the next night is not joined by another.
    await commit(tenant.id, [put({ ...KeySchema.parse(job), ...job, state: 'running', dueAt: null })]);
    const nextNight: Act = { ...daysAgo(tenant.id, -4), actor: { type: 'system', id: 'settle-due' } };
    const before = (await getSettings(tenant.id)).dueAt ?? '';
    await settle(nextNight, { kind: 'retention', tenant: tenant.id });
    expect(await jobOf(tenant)).toHaveLength(1);
    expect(((await getSettings(tenant.id)).dueAt ?? '') > before).toBe(true);
    await keep(tenant, {});
    expect((await getSettings(tenant.id)).dueAt).toBeNull();
    expect(first(await jobOf(tenant))).toMatchObject({ subjectId: tenant.id });
  });
});
