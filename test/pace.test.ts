import * as z from 'zod';
import { ChannelSchema } from '../lib/contract/channels.ts';
import { first, read } from './support/answers.ts';
import { eventually, simulator } from './support/client.ts';
import { newNumber, newPhone, newTelegramUser, newTwilioCredentials } from './support/random.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const AsksSchema = z.object({
  items: z.array(z.object({ text: z.string(), requests: z.array(z.object({ at: z.string(), outcome: z.string() })) })),
});

/** What went out to these customers, in order. */
const sentTo = async (phones: readonly string[]): Promise<{ text: string; at: number }[]> => {
  const rows = await Promise.all(
    phones.map(async (to) => read(await simulator().outbox({ to }), 200, AsksSchema).items),
  );
  return rows
    .flat()
    .flatMap(({ text, requests }) => requests.map(({ at }) => ({ text, at: Date.parse(at) })))
    .toSorted((one, other) => one.at - other.at);
};

const connect = (tenant: Tenant, messagesPerSecond: number) =>
  tenant.connect({
    transport: 'sms',
    provider: 'twilio',
    address: newNumber(),
    credentials: newTwilioCredentials(),
    messagesPerSecond,
  });

/** A chat for each of so many customers. */
const customers = (tenant: Tenant, count: number) =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const phone = newPhone();
      return { phone, id: (await tenant.addClient({ phone })).id };
    }),
  );

it('a channel sends no faster than it is said to, and a conversation goes before a campaign', async () => {
  const [tenant, other] = [await openTenant(), await openTenant()];
  await connect(tenant, 2);
  await connect(other, 2);
  const many = await customers(tenant, 7);
  const sent = await Promise.all(
    many.slice(0, 6).map(({ id }) => tenant.send(id, { text: 'campaign', transport: 'sms', bulk: true })),
  );
  expect(sent[0]?.lane).toBe('bulk');
  const talk = await tenant.send(many[6]?.id ?? '', { text: 'conversation', transport: 'sms' });
  expect(talk.lane).toBe('conversation');
  const [elsewhere] = await customers(other, 1);
  await other.send(elsewhere?.id ?? '', { text: 'elsewhere', transport: 'sms' });
  const phones = many.map(({ phone }) => phone);
  const theirs = await eventually(async () => first(await sentTo([elsewhere?.phone ?? ''])), 20_000);
  const order = await eventually(async () => {
    const asked = await sentTo(phones);
    expect(asked).toHaveLength(7);
    return asked;
  }, 30_000);
  const texts = order.map(({ text }) => text);
  expect(texts.indexOf('conversation')).toBeLessThan(6);
  // Six at one a second; the sender may be late, but not early.
  expect((order.at(-1)?.at ?? 0) - (order[0]?.at ?? 0)).toBeGreaterThan(3_500);
  expect(theirs.at).toBeLessThan(order.at(-1)?.at ?? 0);
}, 90_000);

it('messages to one Telegram chat go a second apart, in order, and none is refused', async () => {
  const tenant = await openTenant();
  const bot = await tenant.connectTelegram();
  const from = String(newTelegramUser());
  await tenant.receive(bot, { from, text: 'Hi' });
  const chat = await tenant.onlyChat();
  const texts = ['one', 'two', 'three'];
  for (const text of texts) await tenant.send(chat.id, { text });
  const asked = await eventually(async () => {
    const rows = (await sentTo([from])).filter(({ text }) => texts.includes(text));
    expect(rows).toHaveLength(3);
    return rows;
  }, 30_000);
  expect(asked.map(({ text }) => text)).toEqual(texts);
  asked.slice(1).forEach(({ at }, index) => expect(at - (asked[index]?.at ?? 0)).toBeGreaterThan(800));
}, 60_000);

it('how fast a channel is can be said and changed, within reason', async () => {
  const tenant = await openTenant();
  const channel = await connect(tenant, 10);
  expect(channel.messagesPerSecond).toBe(10);
  const change = (messagesPerSecond: unknown) =>
    tenant.admin.put(`/crm/channels/${channel.id}`, { status: 'active', messagesPerSecond });
  expect(read(await change(0.5), 200, ChannelSchema).messagesPerSecond).toBe(0.5);
  expect(read(await change(null), 200, ChannelSchema).messagesPerSecond).toBeNull();
  for (const wrong of [0, -1, 1_001, 'fast']) expect((await change(wrong)).status).toBe(400);
});
