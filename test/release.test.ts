import { MessageSchema } from '../lib/contract/messages.ts';
import { read } from './support/answers.ts';
import { objectsOf } from './support/bucket.ts';
import { eventually } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { pdf } from './support/files.ts';
import { askToErase, erased, exported, filesIn } from './support/privacy.ts';
import { newPhone } from './support/random.ts';
import { DAY, later, list, openSms, releaseDue, textsTo } from './support/scheduling.ts';
import { itemsOf } from './support/table.ts';
import { uploadFile } from './support/uploads.ts';

describe('when its time has come, a scheduled message', () => {
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

  it('fails with its reason where the client refuses messages by then, and can be seen and sent again', async () => {
    const { tenant, channel, phone, id } = await openSms();
    const scheduled = await tenant.send(id, { text: 'Planned', sendAt: later(DAY), bulk: true });
    await tenant.receive(channel, { from: phone, text: 'STOP' });
    await releaseDue(tenant, scheduled);
    const failed = await tenant.message(scheduled);
    expect(failed).toMatchObject({
      status: 'failed',
      lane: 'bulk',
      error: { code: 'contact.opted-out' },
      scheduledId: scheduled.id,
    });
    expect((await tenant.chat(id)).messages[0]).toEqual(failed);
    await eventOf(tenant.id, 'MessageFailed', failed.id);
    await tenant.receive(channel, { from: phone, text: 'START' });
    const again = read(await tenant.admin.post(`/crm/chats/${id}/messages/${scheduled.id}/resend`), 202, MessageSchema);
    expect(again).toMatchObject({ resendOf: failed.id, lane: 'bulk' });
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

  it('goes to the client that its own was merged into, and is not sent to one that was deleted', async () => {
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

    expect(await textsTo(phone)).toEqual(['Changed']);
  });

  it('is exported with its files while it waits, and goes with them where its client is erased', async () => {
    const { tenant, phone, id } = await openSms();
    const file = { name: 'narxlar.pdf', contentType: 'application/pdf', bytes: pdf };
    const { id: uploadId } = await uploadFile(tenant.admin, file);
    // A number that takes files is not needed to keep them.
    const channel = await tenant.connectTwilio('whatsapp');
    await tenant.receive(channel, { from: phone, text: 'Salom' });
    const never = await tenant.send(id, { transport: 'whatsapp', attachments: [{ uploadId }], sendAt: later(3_600) });
    const files = await filesIn((await exported(tenant.admin, id)).url);
    expect([...files.keys()].filter((name) => name.startsWith('files/'))).toEqual([`files/${never.id}/1-narxlar.pdf`]);
    await erased(tenant.admin, await askToErase(tenant.admin, id));
    await releaseDue(tenant, never);
    expect((await itemsOf(tenant.id)).filter(({ sk }) => String(sk).startsWith('SCHEDULED#'))).toEqual([]);
    expect([...(await objectsOf(tenant.id)).keys()]).toEqual([]);
    expect(await textsTo(phone)).toEqual([]);
  }, 90_000);
});
