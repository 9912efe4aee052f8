import * as z from 'zod';
import { MessageSchema } from '../lib/contract/messages.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { newAct } from './support/builders.ts';
import { eventually } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { newPhone } from './support/random.ts';
import { DAY, later, list, openSms, releaseDue, textsTo } from './support/scheduling.ts';
import { itemsOf } from './support/table.ts';
import { openTenant } from './support/tenant.ts';

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
