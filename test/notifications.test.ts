import { DateTime } from 'luxon';
import { ChatSchema } from '../lib/contract/chats.ts';
import { first, read } from './support/answers.ts';
import { api, eventually, token } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { afterTelling, join, mailsTo, meOf, noticesIn, show, type Colleague } from './support/notifications.ts';
import { askToErase, erased } from './support/privacy.ts';
import { newPhone, newTelegramUser } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const byMail = { chats: 'all', email: true } as const;
/** They wait beside each other, and some for many seconds. */
const LONG_MS = 25_000;

/** So many mails, as soon as they are there. */
const mailsOf = (colleague: Colleague, count: number) =>
  eventually(async () => {
    const mails = await mailsTo(colleague);
    expect(mails).toHaveLength(count);
    return mails;
  }, LONG_MS);

/** A client writes; the message is announced. */
const write = async (tenant: Tenant, fields: object = {}) => {
  const sms = await tenant.connectTwilio('sms');
  const from = newPhone();
  await tenant.receive(sms, { from, text: 'Is it on its way?', ...fields });
  const chat = await tenant.onlyChat();
  return { sms, from, chat, message: first(chat.messages) };
};

/** A client whose chat is somebody's. */
const addChatOf = async (tenant: Tenant, { id: assigneeId }: Colleague): Promise<string> => {
  const { id, phone } = await tenant.addClient({ phone: newPhone() });
  read(await tenant.admin.post('/crm/chats', { clientId: id }), 201, ChatSchema);
  read(await tenant.admin.put(`/crm/chats/${id}`, { assigneeId }), 200, ChatSchema);
  return phone ?? '';
};

/** Quiet hours on the wall clock of a place, from so many hours from now. */
const quiet = (from: number, to: number) => {
  const here = DateTime.utc().setZone('Asia/Tashkent');
  const at = (hours: number) => here.plus({ hours }).toFormat('HH:mm');
  return { ...byMail, timeZone: 'Asia/Tashkent', quietHours: { from: at(from), to: at(to) } };
};

describe('who is told of a message', () => {
  it.concurrent(
    'is who wants to be: of all chats, of those that are nobody’s or their own, or of none; not by night, nor when deactivated',
    async () => {
      const tenant = await openTenant();
      const mine = { chats: 'mine', email: true } as const;
      const [all, own, other, early, gone] = await Promise.all([
        join(tenant, byMail),
        join(tenant, mine),
        join(tenant, mine),
        join(tenant, quiet(2, 20)),
        join(tenant, byMail),
        join(tenant, quiet(-12, 11)),
        join(tenant, { chats: 'none', email: true }),
        join(tenant, { chats: 'all' }),
      ]);
      const sms = await tenant.connectTwilio('sms');
      const [owns, left] = [await addChatOf(tenant, own), await addChatOf(tenant, gone)];
      expect((await tenant.admin.put(`/crm/users/${gone.id}`, { active: false })).status).toBe(200);
      for (const from of [newPhone(), owns, left]) await tenant.receive(sms, { from, text: 'Is it on its way?' });
      // Whoever was deactivated has no chat any more.
      for (const user of [all, own, early]) await mailsOf(user, 3);
      await mailsOf(other, 2);
      const notices = await eventually(async () => {
        const written = await noticesIn(tenant);
        expect(written.map(({ email }) => email)).toEqual(Array.from({ length: 11 }, () => 'sent'));
        return written;
      });
      expect(new Set(notices.map(({ userId }) => userId))).toEqual(
        new Set([all, own, other, early].map(({ id }) => id)),
      );
    },
    60_000,
  );

  it.concurrent('sees it on itself when nobody gets mails for lack of an address', async () => {
    const tenant = await openTenant();
    const nobody = { api: api(await token({ tenant: tenant.id, user: 'olim', role: 'agent' })) };
    expect((await meOf(nobody)).reachable).toEqual({ telegram: 'not-linked', email: 'no-address' });
    expect((await meOf(await join(tenant, byMail))).reachable.email).toBe('yes');
  });
});

describe('a notification', () => {
  it.concurrent(
    'says who wrote, by what, the beginning of what, and where to answer, in the language of its reader; and no header of the client’s',
    async () => {
      const tenant = await openTenant();
      const reader = await join(tenant, byMail, ['ru', 'en']);
      const { chat } = await write(tenant, { text: `${'x'.repeat(200)} never shown <b>`, name: 'ignored' });
      const mail = first(await mailsOf(reader, 1));
      expect(mail.subject).toMatch(/^Новое сообщение от .+ \(SMS\)$/);
      expect(mail.text).toContain(`${'x'.repeat(200)}…`);
      expect(mail.text).toContain(`/console/chats/${chat.id}`);
      expect(mail.html).not.toContain('<b>');
      expect(mail.headers).toContainEqual({ name: 'auto-submitted', value: 'auto-generated' });

      const bot = await tenant.connectTelegram();
      const id = newTelegramUser();
      const sender = { id, first_name: 'A\r\nBcc: evil@example.com\r\n\r\nB' };
      await tenant.receive(bot, { from: id, text: 'Hi', fields: { from: sender } });
      const [, injected] = await mailsOf(reader, 2);
      expect(injected?.subject).toBe('Новое сообщение от A Bcc: evil@example.com B (Telegram)');
      expect(injected?.to).toEqual([reader.email]);
      expect(injected?.headers.map(({ name }) => name)).not.toContain('bcc');
    },
    60_000,
  );

  it.concurrent(
    'comes once, however often and at once its message is announced, and once a minute for a chat',
    async () => {
      const tenant = await openTenant();
      const readers = await Promise.all([1, 2, 3].map(() => join(tenant, byMail)));
      const { sms, from, message } = await write(tenant);
      const event = await eventOf(tenant.id, 'MessageReceived', message.id);
      await Promise.all(Array.from({ length: 6 }, () => show(event)));
      for (const reader of readers) await mailsOf(reader, 1);
      expect(await show(event)).toBe(false);
      await tenant.receive(sms, { from, text: 'Hello?' });
      const again = first((await tenant.onlyChat()).messages);
      expect(again.text).toBe('Hello?');
      await afterTelling(tenant, again);
      expect((await noticesIn(tenant)).map(({ messageId, attempt }) => [messageId, attempt])).toEqual(
        readers.map(() => [message.id, 1]),
      );
      await tenant.receive(sms, { from: newPhone(), text: 'Me too' });
      for (const reader of readers) await mailsOf(reader, 2);
    },
    60_000,
  );

  it.concurrent(
    'leaves nothing behind when its client is erased',
    async () => {
      const tenant = await openTenant();
      const reader = await join(tenant, byMail);
      const { chat, message } = await write(tenant);
      await mailsOf(reader, 1);
      const event = await eventOf(tenant.id, 'MessageReceived', message.id);
      await erased(tenant.admin, await askToErase(tenant.admin, chat.id));
      expect(await show(event)).toBe(false);
      const keys = (await itemsOf(tenant.id)).map(({ sk }) => String(sk));
      expect(keys.filter((sk) => /^(NOTICE|TOLD)#/.test(sk))).toEqual([]);
      expect(await mailsTo(reader)).toHaveLength(1);
    },
    90_000,
  );
});
