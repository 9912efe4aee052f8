import { TelegramLinkSchema } from '../lib/contract/telegram-link.ts';
import { UserIdSchema } from '../lib/contract/vocabulary.ts';
import { takeFromUser } from '../lib/messaging/linked-account.ts';
import { notifyOf } from '../lib/messaging/notify.ts';
import { noteBroken } from '../lib/messaging/telegram-link.ts';
import { getChannel } from '../lib/table/channels.ts';
import { keepCode } from '../lib/table/telegram-links.ts';
import { call } from '../local/http-client.ts';
import { first, problemOf, read } from './support/answers.ts';
import { newAct } from './support/builders.ts';
import { eventually, sharedUrls, simulator } from './support/client.ts';
import { eventsOf } from './support/events.ts';
import { join, meOf, toldOnTelegram, type Colleague } from './support/notifications.ts';
import { newTelegramUser, unique } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { ClientsSchema, openTenant, type Tenant } from './support/tenant.ts';

const PATH = '/crm/users/me/telegram-link';
const onTelegram = { chats: 'all', telegram: true } as const;

const codeFor = async ({ api }: Pick<Colleague, 'api'>) => read(await api.post(PATH), 200, TelegramLinkSchema);

const withBot = async () => {
  const tenant = await openTenant();
  const bot = await tenant.connectTelegram();
  return { tenant, bot, account: newTelegramUser(), olim: await join(tenant, onTelegram) };
};

const clientsOf = async (tenant: Tenant) => read(await tenant.admin.get('/crm/clients'), 200, ClientsSchema).items;

const block = async (chatId: number, blocked: boolean): Promise<void> => {
  await call('PUT', `${sharedUrls().simulator}/simulator/blocked`, { body: { chatId, blocked } });
};

/** A user whose account is linked. */
const linked = async () => {
  const scene = await withBot();
  const { code } = await codeFor(scene.olim);
  await scene.tenant.receive(scene.bot, { from: scene.account, text: `/start ${code}` });
  return { ...scene, code };
};

const write = async (tenant: Tenant, text = 'Salom') => {
  const sms = await tenant.connectTwilio('sms');
  await tenant.receive(sms, { from: '+998901112233', text });
  return (await tenant.onlyChat()).messages;
};

describe('linking a Telegram account', () => {
  it('takes a code that is sent to the bot once, and makes nobody a client', async () => {
    const { tenant, bot, account, olim } = await withBot();
    const { code, url, expiresAt } = await codeFor(olim);
    expect(url).toBe(`https://t.me/${bot.address.slice(1)}?start=${code}`);
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(14 * 60_000);
    await tenant.receive(bot, { from: account, name: 'Olim', text: `/start ${code}`, times: 3 });
    const me = await meOf(olim);
    expect(me).toMatchObject({ telegram: { name: `@user${account}`, brokenAt: null }, reachable: { telegram: 'yes' } });
    expect(await toldOnTelegram(account)).toEqual([expect.stringContaining('Done.')]);
    expect(await clientsOf(tenant)).toEqual([]);
    expect(await tenant.chats()).toEqual([]);
    await eventually(async () => {
      const told = (await eventsOf(tenant.id)).filter(({ type }) => type === 'UserUpdated');
      expect(told.at(-1)).toMatchObject({
        actor: { type: 'user', id: olim.id },
        data: { telegram: { brokenAt: null } },
      });
    });
    await write(tenant);
    await eventually(async () =>
      expect((await toldOnTelegram(account)).at(-1)).toMatch(/^New message from .* \(SMS\)\n\nSalom/),
    );
  });

  it('takes no code that was used, has expired, or is another tenant’s', async () => {
    const { tenant, bot, code } = await linked();
    const other = await withBot();
    const foreign = await codeFor(other.olim);
    const late = 'parley-0123456789abcdefghijklmnopqrstuv';
    await keepCode(tenant.id, late, UserIdSchema.parse('ana'), new Date(Date.now() - 1).toISOString());
    for (const wrong of [code, foreign.code, late]) {
      const stranger = newTelegramUser();
      await tenant.receive(bot, { from: stranger, text: `/start ${wrong}` });
      expect(await toldOnTelegram(stranger)).toEqual([expect.stringContaining('Ask for a new one')]);
    }
    expect(await clientsOf(tenant)).toEqual([]);
    expect((await meOf(other.olim)).telegram).toBeNull();
  });

  it('leaves whoever presses Start without a code a client', async () => {
    const { tenant, bot, account } = await withBot();
    await tenant.receive(bot, { from: account, text: '/start campaign-7' });
    expect(await clientsOf(tenant)).toHaveLength(1);
    expect(await toldOnTelegram(account)).toEqual([]);
  });

  it('is refused to whoever is a client, whose messages go on being read, until the client is deleted', async () => {
    const { tenant, bot, account, olim } = await withBot();
    await tenant.receive(bot, { from: account, text: 'Salom' });
    const { id } = await tenant.onlyChat();
    const { code } = await codeFor(olim);
    await tenant.receive(bot, { from: account, text: `/start ${code}`, times: 2 });
    expect(await toldOnTelegram(account)).toEqual([expect.stringContaining('is that of a client')]);
    expect(await meOf(olim)).toMatchObject({ telegram: null, reachable: { telegram: 'not-linked' } });
    await tenant.receive(bot, { from: account, text: 'Is anybody there?' });
    const texts = (await tenant.onlyChat()).messages.map(({ text }) => text);
    expect(texts.toSorted()).toEqual(['Is anybody there?', 'Salom']);
    expect((await tenant.admin.delete(`/crm/clients/${id}`)).status).toBe(204);
    await tenant.receive(bot, { from: account, text: `/start ${code}` });
    expect((await toldOnTelegram(account)).at(-1)).toContain('Done.');
    expect((await meOf(olim)).telegram).not.toBeNull();
  });

  it('is refused to whom somebody wrote down as a client by the user name, who never wrote', async () => {
    const { tenant, bot, account, olim } = await withBot();
    await tenant.addClient({ contacts: [{ type: 'telegram', value: `@User${account}` }] });
    const { code } = await codeFor(olim);
    await tenant.receive(bot, { from: account, text: `/start ${code}` });
    expect(await toldOnTelegram(account)).toEqual([expect.stringContaining('is that of a client')]);
    expect((await meOf(olim)).telegram).toBeNull();
  });

  it('moves an account to the user who linked it last, also by the code alone, as somebody pastes it', async () => {
    const { tenant, bot, account, olim } = await linked();
    const vali = await join(tenant, onTelegram);
    const { code } = await codeFor(vali);
    await tenant.receive(bot, { from: account, text: ` ${code}\n` });
    expect(await clientsOf(tenant)).toEqual([]);
    expect((await meOf(vali)).telegram).not.toBeNull();
    expect((await meOf(olim)).telegram).toBeNull();
  });

  it('takes a bot', async () => {
    const tenant = await openTenant();
    problemOf(await tenant.admin.post(PATH), 409, 'telegram.no-bot');
  });

  it('is undone, and what the person writes then is a client’s', async () => {
    const { tenant, bot, account, olim } = await linked();
    await tenant.receive(bot, { from: account, text: 'Can anybody read this?' });
    expect((await toldOnTelegram(account)).at(-1)).toContain('Answer clients in the console');
    expect(await clientsOf(tenant)).toEqual([]);
    expect((await olim.api.delete(PATH)).status).toBe(204);
    expect((await olim.api.delete(PATH)).status).toBe(204);
    expect((await meOf(olim)).reachable.telegram).toBe('not-linked');
    expect((await itemsOf(tenant.id)).filter(({ sk }) => sk === 'ACCOUNT')).toEqual([]);
    await tenant.receive(bot, { from: account, text: 'And now?' });
    expect(await clientsOf(tenant)).toHaveLength(1);
  });
});

describe('a linked account', () => {
  it('that blocks the bot is shown as such until it lets it write again, and so is a bot that was disconnected', async () => {
    const { tenant, bot, account, olim } = await linked();
    await block(account, true);
    expect((await meOf(olim)).reachable.telegram).toBe('blocked');
    expect(await clientsOf(tenant)).toEqual([]);
    await block(account, false);
    expect((await meOf(olim)).reachable.telegram).toBe('yes');
    expect((await tenant.admin.delete(`/crm/channels/${bot.id}`)).status).toBe(204);
    await eventually(async () => expect((await meOf(olim)).reachable.telegram).toBe('no-bot'), 15_000);
  });

  it('that lets the bot write again is known to, however often that was broken off', async () => {
    const { tenant, bot, account, olim } = await linked();
    await block(account, true);
    const act = newAct({ tenant: tenant.id });
    const update = unique('update');
    const take = async (now: () => Date) =>
      takeFromUser({ ...act, now }, await getChannel(act.tenant, bot.id), {
        kind: 'message',
        deduplicationId: update,
        providerMessageId: update,
        transport: 'telegram',
        from: { address: String(account), firstName: 'Olim' },
        entry: 'system',
        text: '',
        media: [],
        consent: 'opted-in',
      });
    for (let looks = 0; looks < 5; looks += 1) {
      let left = looks;
      // The worker dies somewhere on its way.
      const dying = () => {
        left -= 1;
        if (left < 0) throw new Error('The worker dies.');
        return new Date();
      };
      await take(dying).catch(() => undefined);
    }
    expect(await take(() => new Date())).toMatch(/done|replayed/);
    expect((await meOf(olim)).reachable.telegram).toBe('yes');
  });

  it('that refuses a notification is shown as blocked', async () => {
    const { tenant, bot, account, olim } = await linked();
    await block(account, true);
    // As if nobody had told us.
    const id = UserIdSchema.parse(olim.id);
    await noteBroken(newAct({ tenant: tenant.id }), id, { id: String(account), channelId: bot.id }, false);
    expect((await meOf(olim)).reachable.telegram).toBe('yes');
    await write(tenant);
    await eventually(async () => expect((await meOf(olim)).reachable.telegram).toBe('blocked'));
    expect(await toldOnTelegram(account)).toHaveLength(1);
  });

  it('is told later what Telegram was too busy for, once', async () => {
    const { tenant, account } = await linked();
    await simulator().setFaults({ provider: 'telegram', to: String(account), rateLimitRate: 1, times: 1 });
    const { chatId, id } = first(await write(tenant));
    const again = () => notifyOf(newAct({ tenant: tenant.id }), chatId, id);
    await eventually(async () => {
      await again();
      expect(await toldOnTelegram(account)).toHaveLength(2);
    });
    await again();
    expect(await toldOnTelegram(account)).toHaveLength(2);
  });
});
