import { ChatSchema, type Chat } from '../lib/contract/chats.ts';
import { ChangesSchema, HistoryEntrySchema } from '../lib/contract/history.ts';
import { pageOf } from '../lib/contract/route.ts';
import { SegmentSchema } from '../lib/contract/segments.ts';
import { ClientIdSchema } from '../lib/contract/vocabulary.ts';
import type { EventOf } from '../lib/events/catalogue.ts';
import { first, pointersOf, problemOf, read } from './support/answers.ts';
import { eventually, type Api } from './support/client.ts';
import { eventsOf } from './support/events.ts';
import { merged, undone } from './support/merging.ts';
import { expectExact } from './support/projections.ts';
import { newTelegramUser } from './support/random.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const ABSENT = '01939b5c-7f3e-7c44-9a52-6c2f6c2f4a10';
const soon = (ms: number): string => new Date(Date.now() + ms).toISOString();
const HOUR = 3600_000;

/** A chat with one message of its client, and somebody called boris to have it. */
const withChat = async () => {
  const tenant = await openTenant();
  const agent = await tenant.as('agent', 'boris');
  await agent.get('/crm/chats');
  const [bot, from] = [await tenant.connectTelegram(), newTelegramUser()];
  const write = (text = 'Salom') => tenant.receive(bot, { from, text });
  await write();
  const chat = first(await tenant.chats());
  const path = `/crm/chats/${chat.id}`;
  const put = async (body: object, by: Api = tenant.admin): Promise<Chat> =>
    read(await by.put(path, body), 200, ChatSchema);
  const now = async (): Promise<Chat> => read(await tenant.admin.get(path), 200, ChatSchema);
  return { tenant, agent, chat, path, put, now, write };
};

/** What was announced of the chat's changes, oldest first, once so many have arrived. */
const updatesOf = (tenant: Tenant, count: number): Promise<EventOf<'ChatUpdated'>[]> =>
  eventually(async () => {
    const updates = (await eventsOf(tenant.id)).flatMap((event) => (event.type === 'ChatUpdated' ? [event] : []));
    expect(updates).toHaveLength(count);
    return updates;
  });

describe('PUT of a chat', () => {
  it('gives it to a user, resolves it, opens it again, each a version that is announced', async () => {
    const { tenant, agent, chat, path, put, now } = await withChat();
    expect(chat).toMatchObject({ version: 1, snoozedUntil: null, resolvedAt: null, openSince: chat.lastMessageAt });
    const given = await agent.put(path, { assigneeId: 'boris' }, { 'if-match': '"1"' });
    expect(given.headers.get('etag')).toBe('"2"');
    expect(read(given, 200, ChatSchema)).toEqual({ ...chat, assigneeId: 'boris', version: 2 });

    const resolved = await put({ status: 'resolved', assigneeId: 'boris' }, agent);
    expect(resolved).toMatchObject({ status: 'resolved', assigneeId: 'boris', version: 3, openSince: chat.openSince });
    expect(resolved.resolvedAt).not.toBeNull();
    expect(await put({ status: 'resolved', assigneeId: 'boris' })).toEqual(resolved);

    const reopened = await put({ status: 'open' });
    expect(reopened).toMatchObject({ status: 'open', assigneeId: null, resolvedAt: null, version: 4 });
    expect(Date.parse(reopened.openSince ?? '')).toBeGreaterThanOrEqual(Date.parse(resolved.resolvedAt ?? ''));
    expect(await now()).toMatchObject(reopened);

    const updates = await updatesOf(tenant, 3);
    expect(updates.map(({ actor }) => actor.id)).toEqual(['boris', 'boris', 'ana']);
    expect(updates.map(({ previous }) => previous)).toMatchObject([
      { assigneeId: null, version: 1 },
      { status: 'open', resolvedAt: null, version: 2 },
      { status: 'resolved', assigneeId: 'boris', resolvedAt: resolved.resolvedAt, version: 3 },
    ]);
  });

  it('is told of in the history of the client', async () => {
    const { tenant, chat, put } = await withChat();
    const until = soon(HOUR);
    await put({ status: 'snoozed', snoozedUntil: until, assigneeId: 'boris' });
    await eventually(async () => {
      const answer = await tenant.admin.get(`/crm/clients/${chat.id}/history?kind=status`);
      const [entry] = read(answer, 200, pageOf(HistoryEntrySchema)).items;
      expect(entry).toMatchObject({ type: 'ChatUpdated', actor: { type: 'user', id: 'ana' } });
      const { changes } = ChangesSchema.parse(entry?.data);
      expect(changes.toSorted((one, other) => (one.field < other.field ? -1 : 1))).toEqual([
        { field: 'assigneeId', from: null, to: 'boris' },
        { field: 'snoozedUntil', from: null, to: until },
        { field: 'status', from: 'open', to: 'snoozed' },
      ]);
    });
  });

  it('opens a chat that nobody has opened', async () => {
    const tenant = await openTenant();
    const { id } = await tenant.addClient();
    const path = `/crm/chats/${id}`;
    expect(read(await tenant.admin.put(path, { assigneeId: 'ana' }), 200, ChatSchema).assigneeId).toBe('ana');
    expect(await tenant.chats('?assigneeId=me')).toMatchObject([{ id, status: 'open' }]);
    await eventually(async () => {
      const types = (await eventsOf(tenant.id)).map(({ type }) => type);
      expect(types).toEqual(expect.arrayContaining(['ChatCreated', 'ChatUpdated']));
    });
  });

  it.each([
    [{ status: 'closed' }, ['/status']],
    [{ status: 'snoozed' }, ['/snoozedUntil']],
    [{ status: 'open', snoozedUntil: '2999-01-01T00:00:00.000Z' }, ['/snoozedUntil']],
    [{ status: 'snoozed', snoozedUntil: 'tomorrow' }, ['/snoozedUntil']],
    [{ assigneeId: '' }, ['/assigneeId']],
    [{ status: 'open', unreadCount: 0 }, ['/unreadCount']],
  ])('refuses %j', async (body, pointers) => {
    const { admin } = await openTenant();
    const problem = problemOf(await admin.put(`/crm/chats/${ABSENT}`, body), 400, 'request.invalid');
    expect(pointersOf(problem)).toEqual(pointers);
  });

  it('refuses what cannot be, and changes nothing', async () => {
    const { tenant, agent, chat, path, now } = await withChat();
    const other = await openTenant();
    await tenant.as('agent', 'vera').then((vera) => vera.get('/crm/chats'));
    const deactivated = await tenant.admin.put('/crm/users/vera', { active: false });
    expect(deactivated.status).toBe(200);
    const past = { status: 'snoozed', snoozedUntil: soon(-1000) };
    problemOf(await agent.put(path, past), 422, 'chat.snooze-past');
    problemOf(await agent.put(path, { assigneeId: 'nobody' }), 422, 'assignee.unknown');
    problemOf(await agent.put(path, { assigneeId: 'vera' }), 422, 'assignee.inactive');
    problemOf(await agent.put(path, { assigneeId: 'boris' }, { 'if-match': '"7"' }), 412, 'version.stale');
    const absent = problemOf(await other.admin.put(`/crm/chats/${ABSENT}`, {}), 404, 'resource.not-found');
    const foreign = problemOf(await other.admin.put(path, {}), 404, 'resource.not-found');
    expect(foreign.detail).toBe(absent.detail);
    expect(await now()).toMatchObject(chat);
  });

  it('by two at once applies both, or with If-Match the first', async () => {
    const { agent, path, put, now, tenant } = await withChat();
    const wishes = [{ assigneeId: 'boris' }, { assigneeId: 'ana' }];
    await Promise.all(wishes.map((wish) => put(wish)));
    expect((await now()).version).toBe(3);
    const condition = { 'if-match': '"3"' };
    const answers = await Promise.all([
      tenant.admin.put(path, { status: 'resolved' }, condition),
      agent.put(path, { status: 'snoozed', snoozedUntil: soon(HOUR) }, condition),
    ]);
    expect(answers.map(({ status }) => status).toSorted((one, two) => one - two)).toEqual([200, 412]);
    expect((await now()).version).toBe(4);
  });
});

describe('a message of the client', () => {
  it.each(['resolved', 'snoozed'])('opens a %s chat in the same moment, and that is announced', async (status) => {
    const { tenant, chat, put, now, write } = await withChat();
    const snoozedUntil = status === 'snoozed' ? soon(HOUR) : null;
    const before = await put({ status, snoozedUntil, assigneeId: 'boris' });
    expect(await tenant.chats()).toEqual([]);
    await write('Still there?');
    const after = await now();
    expect(after).toMatchObject({ status: 'open', snoozedUntil: null, resolvedAt: null, assigneeId: 'boris' });
    expect(after).toMatchObject({ version: before.version + 1, unreadCount: 2 });
    expect(after.openSince).toBe(status === 'resolved' ? after.lastMessageAt : chat.openSince);
    expect(await tenant.chats()).toMatchObject([{ id: chat.id }]);
    const [, opening] = await updatesOf(tenant, 2);
    expect(opening).toMatchObject({
      actor: { type: 'client' },
      previous: { status, ...(snoozedUntil !== null && { snoozedUntil }) },
    });
  });

  it('and a user who resolves at the same time leave a chat that is wholly the one or the other', async () => {
    const { tenant, put, now, write, chat } = await withChat();
    for (let round = 1; round <= 3; round += 1) {
      await put({ status: round % 2 === 0 ? 'resolved' : 'open' });
      await Promise.all([write(), put({ status: 'resolved', assigneeId: 'boris' }), write()]);
      const { status, unreadCount } = await now();
      expect(unreadCount).toBe(1 + 2 * round);
      const lists = await Promise.all(['open', 'resolved'].map((each) => tenant.chats(`?status=${each}`)));
      expect(lists.map((list) => list.length)).toEqual(status === 'open' ? [1, 0] : [0, 1]);
    }
    await put({ status: 'resolved' });
    await write();
    expect(await now()).toMatchObject({ id: chat.id, status: 'open' });
  });

  it('of ours leaves a resolved chat as it is', async () => {
    const { tenant, chat, put, now } = await withChat();
    const { version } = await put({ status: 'resolved' });
    await tenant.send(chat.id, { text: 'Thank you' });
    expect(await now()).toMatchObject({ status: 'resolved', version, lastMessage: { text: 'Thank you' } });
    expect(await tenant.chats('?status=resolved')).toHaveLength(1);
  });
});

describe('a snoozed chat', () => {
  it('wakes up when its time has come, and segments know', async () => {
    const { tenant, put, now } = await withChat();
    const conditions = [
      { field: 'status', operator: 'in', statuses: ['snoozed'] },
      { field: 'assignee', operator: 'in', userIds: ['boris'] },
    ];
    const segment = { name: 'Later', filter: { all: conditions } };
    const { id } = read(await tenant.admin.post('/crm/segments', segment), 201, SegmentSchema);
    const members = async () => {
      const { body } = await tenant.admin.get(`/crm/segments/${id}/clients`);
      return JSON.stringify(body).match(/"firstName"/g)?.length ?? 0;
    };
    await put({ status: 'snoozed', snoozedUntil: soon(HOUR), assigneeId: 'boris' });
    await eventually(async () => expect(await members()).toBe(1));
    const { version } = await put({ status: 'snoozed', snoozedUntil: soon(3000), assigneeId: 'boris' });
    const awake = await eventually(async () => {
      const chat = await now();
      expect(chat.status).toBe('open');
      return chat;
    }, 20_000);
    expect(awake).toMatchObject({ snoozedUntil: null, assigneeId: 'boris', version: version + 1 });
    const waking = (await updatesOf(tenant, 3)).at(-1);
    expect(waking).toMatchObject({ actor: { type: 'system' }, previous: { status: 'snoozed' } });
    await eventually(async () => expect(await members()).toBe(0));
    await eventually(() => expectExact(tenant.id));
  }, 60_000);

  it('keeps its time while its client is deleted, or merged into another', async () => {
    const { tenant, chat, put, now } = await withChat();
    const snoozedUntil = soon(HOUR);
    const asleep = { status: 'snoozed', snoozedUntil, assigneeId: 'boris' };
    await put(asleep);
    await tenant.admin.delete(`/crm/clients/${chat.id}`);
    await tenant.admin.post(`/crm/clients/${chat.id}/restore`);
    expect(await now()).toMatchObject(asleep);

    const survivor = await tenant.addClient({ firstName: 'Vera' });
    const { merge } = await merged(tenant, survivor, chat);
    expect(await tenant.chat(survivor.id)).toMatchObject(asleep);
    expect(await tenant.chats('?status=snoozed')).toMatchObject([{ id: ClientIdSchema.parse(survivor.id) }]);
    await undone(tenant, survivor, merge.id);
    expect(await now()).toMatchObject(asleep);
    expect(await tenant.chat(survivor.id)).toMatchObject({ status: 'open', snoozedUntil: null, assigneeId: null });
  });
});
