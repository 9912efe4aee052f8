import * as z from 'zod';
import { MessageSchema, type Message } from '../lib/contract/messages.ts';
import { secondsAfter, type Act } from '../lib/domain/act.ts';
import { release } from '../lib/messaging/release.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { newAct } from './support/builders.ts';
import { eventually, simulator } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { newPhone } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { MessagesSchema, openTenant, type Tenant } from './support/tenant.ts';

const DAY = 24 * 3600;
const later = (seconds: number): string => secondsAfter(new Date(), seconds);

const openSms = async () => {
  const tenant = await openTenant();
  const [channel, phone] = [await tenant.connectTwilio('sms'), newPhone()];
  const { id } = await tenant.addClient({ phone, preferredTransport: 'sms' });
  return { tenant, channel, phone, id, path: `/crm/chats/${id}/messages` };
};

const OutboxSchema = z.object({ items: z.array(z.object({ text: z.string(), times: z.number() })) });
const textsTo = async (to: string): Promise<string[]> =>
  read(await simulator().outbox({ to }), 200, OutboxSchema).items.map(({ text }) => text);

const list = async ({ admin }: Tenant, path: string): Promise<Message[]> =>
  read(await admin.get(path), 200, MessagesSchema).items;

/** The job comes by when the message's time has come. */
const whenDue = (tenant: Tenant, { sendAt }: Message): Act =>
  newAct({ tenant: tenant.id, actor: { type: 'system', id: 'settle-due' }, now: () => new Date(sendAt ?? 0) });

const releaseDue = (tenant: Tenant, message: Message): Promise<void> =>
  release(whenDue(tenant, message), message.chatId, message.id);

describe('a scheduled message', () => {
  it('waits, is found by the job when its time has come, and goes out once, after what was written until then', async () => {
    const { tenant, phone, id, path } = await openSms();
    const scheduled = await tenant.send(id, { text: 'Planned', sendAt: later(2) });
    expect(scheduled).toMatchObject({
      status: 'scheduled',
      text: 'Planned',
      scheduledId: null,
      sentAt: null,
      version: 1,
    });
    expect(await tenant.chat(id)).toMatchObject({ lastMessage: null, messages: [{ id: scheduled.id }] });
    expect((await eventOf(tenant.id, 'MessageScheduled', scheduled.id)).data).toMatchObject({ status: 'scheduled' });
    const meanwhile = await tenant.send(id, { text: 'Meanwhile' });
    const sent = await tenant.becomes(scheduled, 'delivered');
    const { sendAt, createdAt } = sent;
    expect(sent).toMatchObject({ text: 'Planned', scheduledId: scheduled.id, sender: { type: 'user', id: 'ana' } });
    expect(sendAt).toBe(scheduled.sendAt);
    expect(createdAt >= (sendAt ?? '')).toBe(true);
    expect((await list(tenant, path)).map((message) => message.id)).toEqual([sent.id, meanwhile.id]);
    expect(await tenant.message({ chatId: id, id: sent.id })).toEqual(sent);
    expect((await tenant.chat(id)).lastMessage).toMatchObject({ id: sent.id });
    expect(await textsTo(phone)).toEqual(['Meanwhile', 'Planned']);
    expect((await eventOf(tenant.id, 'MessageQueued', sent.id)).correlationId).toBe(scheduled.correlationId);
  });

  it('is listed, changed and cancelled while it waits, and stays to be seen', async () => {
    const { tenant, id, path } = await openSms();
    const scheduled = await tenant.send(id, { text: 'One', sendAt: later(DAY) });
    const own = `${path}/${scheduled.id}`;
    const sendAt = later(2 * DAY);
    const answer = await tenant.admin.put(own, { text: 'Two', sendAt }, { 'if-match': '"1"' });
    const changed = read(answer, 200, MessageSchema);
    expect(changed).toEqual({ ...scheduled, text: 'Two', sendAt, version: 2 });
    expect(answer.headers.get('etag')).toBe('"2"');
    problemOf(await tenant.admin.put(own, { text: 'Three', sendAt }, { 'if-match': '"1"' }), 412, 'version.stale');
    problemOf(await tenant.admin.delete(own, { 'if-match': '"1"' }), 412, 'version.stale');
    expect(await list(tenant, `${path}?status=scheduled`)).toEqual([changed]);
    const { previous } = await eventOf(tenant.id, 'MessageRescheduled', scheduled.id);
    expect(previous).toEqual({ text: 'One', sendAt: scheduled.sendAt, version: 1 });
    expect((await tenant.admin.delete(own)).status).toBe(204);
    const cancelled = { ...changed, status: 'cancelled', version: 3 };
    expect(await tenant.message(scheduled)).toEqual(cancelled);
    expect(await list(tenant, `${path}?status=cancelled`)).toEqual([cancelled]);
    expect(await list(tenant, `${path}?status=scheduled`)).toEqual([]);
    await eventOf(tenant.id, 'MessageCancelled', scheduled.id);
    problemOf(await tenant.admin.delete(own), 409, 'message.not-scheduled');
    problemOf(await tenant.admin.put(own, { text: 'Four', sendAt }), 409, 'message.not-scheduled');
    problemOf(await tenant.admin.post(`${own}/resend`), 409, 'message.not-resendable');
    await releaseDue(tenant, scheduled);
    expect(await tenant.message(scheduled)).toEqual(cancelled);
  });

  it('is either sent as it was, or as it was changed, or cancelled, whoever comes first', async () => {
    const { tenant, phone, id, path } = await openSms();
    const messages = await Promise.all(
      Array.from({ length: 4 }, (_, index) => tenant.send(id, { text: `plain ${index}`, sendAt: later(DAY) })),
    );
    const races = messages.map(async (message, index) => {
      const own = `${path}/${message.id}`;
      const change =
        index % 2 === 0
          ? tenant.admin.delete(own)
          : tenant.admin.put(own, { text: `changed ${index}`, sendAt: later(DAY - 1) });
      const [{ status }] = await Promise.all([change, releaseDue(tenant, message), releaseDue(tenant, message)]);
      return { message, status, isCancelled: index % 2 === 0, text: `changed ${index}` };
    });
    for (const { message, status, isCancelled, text } of await Promise.all(races)) {
      expect([200, 204, 409]).toContain(status);
      const now = await tenant.message(message);
      if (status === 409) expect(now).toMatchObject({ scheduledId: message.id, text: message.text });
      else if (isCancelled) expect(now.status).toBe('cancelled');
      else expect(now).toMatchObject({ text });
    }
    const sent = (await list(tenant, path)).filter(({ scheduledId }) => scheduledId !== null);
    await Promise.all(sent.map((message) => tenant.becomes(message, 'delivered')));
    expect(new Set(await textsTo(phone))).toEqual(new Set(sent.map(({ text }) => text)));
    expect(new Set(sent.map(({ scheduledId }) => scheduledId)).size).toBe(sent.length);
  });

  it('at a local time is sent by the clocks of the client, or else of the tenant', async () => {
    const { tenant, id, path } = await openSms();
    const day = later(10 * DAY).slice(0, 10);
    const settings = { timeZone: 'Asia/Tokyo' };
    expect((await tenant.admin.put('/crm/settings', settings)).status).toBe(200);
    const local = { text: 'Good morning', sendAt: `${day}T09:30` };
    const inTokyo = `${day}T00:30:00.000Z`;
    await eventually(async () => {
      expect((await tenant.send(id, { ...local, timeZone: 'tenant' })).sendAt).toBe(inTokyo);
    }, 15_000);
    expect((await tenant.send(id, { ...local, timeZone: 'client' })).sendAt).toBe(inTokyo);
    const client = read(
      await tenant.admin.put(`/crm/clients/${id}`, {
        firstName: 'Olim',
        preferredTransport: 'sms',
        phone: newPhone(),
        timeZone: 'Asia/Tashkent',
      }),
      200,
      z.object({ timeZone: z.string() }),
    );
    expect(client.timeZone).toBe('Asia/Tashkent');
    expect((await tenant.send(id, { ...local, timeZone: 'client' })).sendAt).toBe(`${day}T04:30:00.000Z`);
    const pointer = async (body: object) =>
      pointersOf(problemOf(await tenant.admin.post(path, { text: 'x', ...body }), 400, 'request.invalid'));
    expect(await pointer({ sendAt: `${day}T09:30` })).toEqual(['/timeZone']);
    expect(await pointer({ sendAt: `${day}T09:30:00Z`, timeZone: 'client' })).toEqual(['/timeZone']);
    expect(await pointer({ timeZone: 'client' })).toEqual(['/timeZone']);
    expect(await pointer({ sendAt: '2027-02-30T09:30:00Z' })).toEqual(['/sendAt']);
    expect(await pointer({ sendAt: 'tomorrow', timeZone: 'client' })).toEqual(['/sendAt']);
  });
});

describe('a scheduled message is refused', () => {
  it('for a time that is past, or later than in a year, and nothing is kept', async () => {
    const { tenant, path } = await openSms();
    for (const sendAt of [later(-1), '2020-01-01T00:00:00Z', later(367 * DAY)]) {
      problemOf(await tenant.admin.post(path, { text: 'x', sendAt }), 422, 'message.send-time');
    }
    problemOf(
      await tenant.admin.post(path, { text: 'x', sendAt: later(DAY), transport: 'telegram' }),
      422,
      'message.no-channel',
    );
    expect((await itemsOf(tenant.id)).filter(({ sk }) => String(sk).startsWith('SCHEDULED#'))).toEqual([]);
  });

  it('to a stranger, to who may not send, and where there is none', async () => {
    const [{ tenant, id, path }, stranger] = await Promise.all([openSms(), openTenant()]);
    const sendAt = later(DAY);
    const scheduled = await tenant.send(id, { text: 'Planned', sendAt });
    const own = `${path}/${scheduled.id}`;
    for (const address of [own, `${path}/${newAct().newId()}`]) {
      problemOf(await stranger.admin.put(address, { text: 'x', sendAt }), 404, 'resource.not-found');
      problemOf(await stranger.admin.delete(address), 404, 'resource.not-found');
      problemOf(await stranger.admin.get(address), 404, 'resource.not-found');
    }
    problemOf(await stranger.admin.get(`${path}?status=scheduled`), 404, 'resource.not-found');
    const plain = await tenant.send(id, { text: 'At once' });
    problemOf(await tenant.admin.delete(`${path}/${plain.id}`), 409, 'message.not-scheduled');
    problemOf(await tenant.admin.put(`${path}/${plain.id}`, { text: 'x', sendAt }), 409, 'message.not-scheduled');
    expect(pointersOf(problemOf(await tenant.admin.put(own, { text: 'x' }), 400, 'request.invalid'))).toEqual([
      '/sendAt',
    ]);
    expect(await tenant.message(scheduled)).toEqual(scheduled);
  });

  it('a second time with the same Idempotency-Key, by the first answer', async () => {
    const { tenant, path } = await openSms();
    const body = { text: 'Once', sendAt: later(DAY) };
    const headers = { 'idempotency-key': 'once' };
    const answers = await Promise.all([1, 2].map(() => tenant.admin.post(path, body, headers)));
    const ids = answers.map((answer) => read(answer, 202, MessageSchema).id);
    expect(new Set(ids).size).toBe(1);
    expect(await list(tenant, `${path}?status=scheduled`)).toHaveLength(1);
  });
});

describe('when its time has come, a scheduled message', () => {
  it('fails with its reason where the client refuses messages by then, and can be seen and sent again', async () => {
    const { tenant, channel, phone, id } = await openSms();
    const scheduled = await tenant.send(id, { text: 'Planned', sendAt: later(DAY) });
    await tenant.receive(channel, { from: phone, text: 'STOP' });
    await releaseDue(tenant, scheduled);
    const failed = await tenant.message(scheduled);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'contact.opted-out' }, scheduledId: scheduled.id });
    expect((await tenant.chat(id)).messages[0]).toEqual(failed);
    await eventOf(tenant.id, 'MessageFailed', failed.id);
    await tenant.receive(channel, { from: phone, text: 'START' });
    const again = read(await tenant.admin.post(`/crm/chats/${id}/messages/${scheduled.id}/resend`), 202, MessageSchema);
    expect(again.resendOf).toBe(failed.id);
    await tenant.becomes(again, 'delivered');
    expect(await textsTo(phone)).toEqual(['Planned']);
  });

  it('takes another channel where none was asked for and its own is gone, and fails where one was', async () => {
    const { tenant, channel, id } = await openSms();
    const sendAt = later(DAY);
    const free = await tenant.send(id, { text: 'Any', sendAt });
    const bound = await tenant.send(id, { text: 'This', sendAt, channelId: channel.id });
    expect((await tenant.admin.delete(`/crm/channels/${channel.id}`)).status).toBe(204);
    const other = await tenant.connectTwilio('sms');
    // Channels are remembered for some seconds.
    await eventually(async () => {
      const { channelId } = await tenant.send(id, { text: 'x' });
      expect(channelId).toBe(other.id);
    }, 15_000);
    await releaseDue(tenant, free);
    await releaseDue(tenant, bound);
    expect(await tenant.message(free)).toMatchObject({ channelId: other.id });
    expect(await tenant.message(bound)).toMatchObject({ status: 'failed', channelId: channel.id });
  });

  it('goes to the client that its own was merged into; is not sent to one that was deleted; and goes with an erased one', async () => {
    const { tenant, id: absorbed } = await openSms();
    const phone = newPhone();
    const { id: survivor } = await tenant.addClient({ firstName: 'Other', phone, preferredTransport: 'sms' });
    const scheduled = await tenant.send(absorbed, { text: 'Planned', sendAt: later(DAY) });
    const merged = await tenant.admin.post(`/crm/clients/${survivor}/merge`, { clientId: absorbed });
    expect(merged.status).toBeLessThan(300);
    const path = `/crm/chats/${survivor}/messages`;
    expect(await list(tenant, path)).toMatchObject([{ id: scheduled.id, chatId: survivor, status: 'scheduled' }]);
    const sendAt = later(DAY);
    read(await tenant.admin.put(`${path}/${scheduled.id}`, { text: 'Changed', sendAt }), 200, MessageSchema);
    await releaseDue(tenant, { ...scheduled, sendAt });
    await tenant.becomes({ chatId: survivor, id: scheduled.id }, 'delivered');
    expect(await list(tenant, path)).toMatchObject([{ chatId: survivor, text: 'Changed' }]);
    expect(await textsTo(phone)).toEqual(['Changed']);

    const late = await tenant.send(survivor, { text: 'Late', sendAt: later(DAY) });
    expect((await tenant.admin.delete(`/crm/clients/${survivor}`)).status).toBe(204);
    await releaseDue(tenant, late);
    expect((await tenant.admin.post(`/crm/clients/${survivor}/restore`)).status).toBe(200);
    expect(await tenant.message(late)).toMatchObject({ status: 'failed', error: { code: 'client.deleted' } });

    await tenant.send(survivor, { text: 'Never', sendAt: later(DAY) });
    expect((await tenant.admin.post(`/crm/clients/${survivor}/erase`)).status).toBeLessThan(300);
    await eventually(async () => {
      expect((await itemsOf(tenant.id)).filter(({ sk }) => String(sk).startsWith('SCHEDULED#'))).toEqual([]);
    }, 20_000);
    expect(await textsTo(phone)).toEqual(['Changed']);
  });
});
