import { DateTime } from 'luxon';
import { ChatSchema } from '../lib/contract/chats.ts';
import { first, read } from './support/answers.ts';
import { api, eventually, token } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { afterTelling, join, mailsTo, mailTo, meOf, noticesIn, show } from './support/notifications.ts';
import { askToErase, erased } from './support/privacy.ts';
import { newPhone } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const byMail = { chats: 'all', email: true } as const;

/** A client writes; the message is announced. */
const write = async (tenant: Tenant, fields: object = {}) => {
  const sms = await tenant.connectTwilio('sms');
  const from = newPhone();
  await tenant.receive(sms, { from, text: 'Is it on its way?', ...fields });
  const chat = await tenant.onlyChat();
  return { sms, from, chat, message: first(chat.messages) };
};

const toldIn = async (tenant: Tenant): Promise<string[]> => (await noticesIn(tenant)).map(({ userId }) => userId);

describe('who is told of a message', () => {
  it('is who wants to be: of all chats, of those that are nobody’s or their own, or of none', async () => {
    const tenant = await openTenant();
    const all = await join(tenant, byMail);
    const mine = await join(tenant, { chats: 'mine', email: true });
    const other = await join(tenant, { chats: 'mine', email: true });
    await join(tenant, { chats: 'none', email: true });
    await join(tenant, { chats: 'all' });
    const { sms } = await write(tenant);
    for (const user of [all, mine, other]) await mailTo(user);
    expect((await toldIn(tenant)).toSorted()).toEqual([all.id, mine.id, other.id].toSorted());

    const second = await tenant.addClient({ firstName: 'Vali', phone: newPhone() });
    read(await tenant.admin.post('/crm/chats', { clientId: second.id }), 201, ChatSchema);
    read(await tenant.admin.put(`/crm/chats/${second.id}`, { assigneeId: mine.id }), 200, ChatSchema);
    await tenant.receive(sms, { from: second.phone ?? '', text: 'For one alone' });
    await eventually(async () => expect(await mailsTo(mine)).toHaveLength(2));
    await eventually(async () => expect(await mailsTo(all)).toHaveLength(2));
    expect(await toldIn(tenant)).toHaveLength(5);
    expect(await mailsTo(other)).toHaveLength(1);
  });

  it('is not whose quiet hours it is, nor who was deactivated', async () => {
    const tenant = await openTenant();
    const awake = await join(tenant, byMail);
    const gone = await join(tenant, byMail);
    const here = DateTime.utc().setZone('Asia/Tashkent');
    const around = (from: number, to: number) => ({
      from: here.plus({ hours: from }).toFormat('HH:mm'),
      to: here.plus({ hours: to }).toFormat('HH:mm'),
    });
    await join(tenant, { ...byMail, timeZone: 'Asia/Tashkent', quietHours: around(-12, 11) });
    const early = await join(tenant, { ...byMail, timeZone: 'Asia/Tashkent', quietHours: around(2, 20) });
    const path = `/crm/users/${gone.id}`;
    expect((await tenant.admin.put(path, { active: false })).status).toBe(200);
    await write(tenant);
    await mailTo(awake);
    await mailTo(early);
    expect((await toldIn(tenant)).toSorted()).toEqual([awake.id, early.id].toSorted());
  });

  it('sees it on itself when nobody gets mails for lack of an address', async () => {
    const tenant = await openTenant();
    const nobody = { api: api(await token({ tenant: tenant.id, user: 'olim', role: 'agent' })) };
    expect((await meOf(nobody)).reachable).toEqual({ telegram: 'not-linked', email: 'no-address' });
    expect((await meOf(await join(tenant, byMail))).reachable.email).toBe('yes');
  });
});

describe('a notification', () => {
  it.concurrent(
    'says who wrote, by what, the beginning of what, and where to answer, in the language of its reader',
    async () => {
      const tenant = await openTenant();
      const reader = await join(tenant, byMail, ['ru', 'en']);
      const { chat } = await write(tenant, { text: `${'x'.repeat(200)} never shown <b>`, name: 'ignored' });
      const mail = await mailTo(reader);
      expect(mail.subject).toMatch(/^Новое сообщение от .+ \(SMS\)$/);
      expect(mail.text).toContain(`${'x'.repeat(200)}…`);
      expect(mail.text).toContain(`/console/chats/${chat.id}`);
      expect(mail.html).not.toContain('<b>');
      expect(mail.headers).toContainEqual({ name: 'auto-submitted', value: 'auto-generated' });
    },
  );

  it('has no header that a client wrote', async () => {
    const tenant = await openTenant();
    const reader = await join(tenant, byMail);
    const bot = await tenant.connectTelegram();
    await tenant.receive(bot, {
      from: 424_242,
      text: 'Hi',
      fields: { from: { id: 424_242, first_name: 'A\r\nBcc: evil@example.com\r\n\r\nB' } },
    });
    const mail = await mailTo(reader);
    expect(mail.subject).toBe('New message from A Bcc: evil@example.com B (Telegram)');
    expect(mail.to).toEqual([reader.email]);
    expect(mail.headers.map(({ name }) => name)).not.toContain('bcc');
  });

  it('comes once, however often and at once its message is announced', async () => {
    const tenant = await openTenant();
    const readers = await Promise.all([1, 2, 3].map(() => join(tenant, byMail)));
    const { message } = await write(tenant);
    const event = await eventOf(tenant.id, 'MessageReceived', message.id);
    await Promise.all(Array.from({ length: 6 }, () => show(event)));
    for (const reader of readers) await mailTo(reader);
    expect(await show(event)).toBe(false);
    for (const reader of readers) await mailTo(reader);
    expect((await noticesIn(tenant)).map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });

  it('comes once a minute for a chat, however much is written there', async () => {
    const tenant = await openTenant();
    const reader = await join(tenant, byMail);
    const { sms, from, message } = await write(tenant);
    await mailTo(reader);
    await tenant.receive(sms, { from, text: 'Hello?' });
    const { messages } = await tenant.onlyChat();
    expect(first(messages).text).toBe('Hello?');
    await afterTelling(tenant, first(messages));
    expect((await noticesIn(tenant)).map(({ messageId }) => messageId)).toEqual([message.id]);
    await tenant.receive(sms, { from: newPhone(), text: 'Me too' });
    await eventually(async () => expect(await mailsTo(reader)).toHaveLength(2));
  });

  it.concurrent(
    'leaves nothing behind when its client is erased',
    async () => {
      const tenant = await openTenant();
      const reader = await join(tenant, byMail);
      const { chat, message } = await write(tenant);
      await mailTo(reader);
      const event = await eventOf(tenant.id, 'MessageReceived', message.id);
      await erased(tenant.admin, await askToErase(tenant.admin, chat.id));
      expect(await show(event)).toBe(false);
      const keys = (await itemsOf(tenant.id)).map(({ sk }) => String(sk));
      expect(keys.filter((sk) => /^(NOTICE|TOLD)#/.test(sk))).toEqual([]);
      expect(await mailsTo(reader)).toHaveLength(1);
    },
    70_000,
  );
});
