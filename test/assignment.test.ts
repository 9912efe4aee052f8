import { SettingsSchema, type AssignmentMode } from '../lib/contract/settings.ts';
import { UserIdSchema } from '../lib/contract/vocabulary.ts';
import { LedgerSchema } from '../lib/domain/assignment.ts';
import { ChatRecordSchema, type ChatRecord } from '../lib/domain/chat.ts';
import { busyWith } from '../lib/domain/chat-status.ts';
import { assignChats } from '../lib/messaging/assign.ts';
import { receive } from '../lib/messaging/receive.ts';
import { newAct, newArrival } from './support/builders.ts';
import { first, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { eventsOf } from './support/events.ts';
import { newTelegramUser } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { openTenant, type Tenant } from './support/tenant.ts';

const agents = ['boris', 'olim', 'vera'];

/** A tenant that gives chats to agents by itself; its admin is away. */
const withAgents = async (assignment: AssignmentMode) => {
  const tenant = await openTenant();
  read(await tenant.admin.put('/crm/settings', { assignment }), 200, SettingsSchema);
  expect((await tenant.admin.put('/crm/users/me', { availability: 'away' })).status).toBe(200);
  for (const agent of agents) await (await tenant.as('agent', agent)).get('/crm/chats');
  return { tenant, bot: await tenant.connectTelegram() };
};

const headsOf = async (tenant: Tenant): Promise<ChatRecord[]> =>
  (await itemsOf(tenant.id)).filter(({ sk }) => sk === '#CHAT').map((item) => ChatRecordSchema.parse(item));

/** How many open chats each has, by looking at all. */
const tally = (chats: readonly ChatRecord[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(chats, busyWith)].flatMap(([user, all]) => (user === null ? [] : [[user, all.length]])),
  );

/** As it is counted. */
const loadsOf = async (tenant: Tenant): Promise<Record<string, number>> => {
  const ledger = (await itemsOf(tenant.id)).find(({ sk }) => sk === 'LEDGER');
  return ledger === undefined ? {} : LedgerSchema.parse(ledger).loads;
};

/** The chats as soon as everybody's are counted, and so many have somebody. */
const settled = (tenant: Tenant, assigned: number): Promise<ChatRecord[]> =>
  eventually(async () => {
    const chats = await headsOf(tenant);
    expect(chats.filter(({ assigneeId }) => assigneeId !== null)).toHaveLength(assigned);
    expect(await loadsOf(tenant)).toEqual(tally(chats));
    return chats;
  }, 40_000);

const received = async (tenant: Tenant) => (await eventsOf(tenant.id)).filter(({ type }) => type === 'MessageReceived');

describe.each(['round-robin', 'least-busy'] as const)('chats that come all at once, %s', (mode) => {
  it('are shared by who is there, equally within one, and stay so whatever is heard again', async () => {
    const { tenant } = await withAgents(mode);
    const act = newAct({ tenant: tenant.id });
    await Promise.all(Array.from({ length: 30 }, () => receive(act, newArrival())));
    const shared = tally(await settled(tenant, 30));
    expect(shared).toEqual({ boris: 10, olim: 10, vera: 10 });

    const taken = first(await tenant.chats('?assigneeId=vera'));
    await tenant.admin.put(`/crm/chats/${taken.id}`, { assigneeId: null });
    const freed = await settled(tenant, 29);
    const events = await received(tenant);
    expect(events).toHaveLength(30);
    await Promise.all([assignChats(act, events), assignChats(act, events.toReversed()), assignChats(act, events)]);
    expect(await settled(tenant, 29)).toEqual(freed);
  });
});

it('who has the fewest open chats gets the next ones, and nobody who is away or deactivated any', async () => {
  const { tenant, bot } = await withAgents('least-busy');
  const write = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1)
      await tenant.receive(bot, { from: newTelegramUser(), text: 'Salom' });
  };
  await write(3);
  await settled(tenant, 3);
  const [own] = await tenant.chats('?assigneeId=olim');
  await tenant.admin.put(`/crm/chats/${own?.id ?? ''}`, { status: 'resolved', assigneeId: 'olim' });
  await (await tenant.as('agent', 'boris')).put('/crm/users/me', { availability: 'away' });
  await eventually(async () => expect(await loadsOf(tenant)).toEqual({ boris: 1, vera: 1 }));
  await write(3);
  expect(tally(await settled(tenant, 6))).toEqual({ boris: 1, olim: 2, vera: 2 });
  expect((await tenant.admin.put('/crm/users/vera', { active: false })).status).toBe(200);
  await write(2);
  expect(tally(await settled(tenant, 8))).toEqual({ boris: 1, olim: 4, vera: 2 });
  // Whoever is erased counts for nobody.
  const gone = first(await tenant.chats('?assigneeId=vera'));
  await tenant.admin.post(`/crm/clients/${gone.id}/erase`);
  await eventually(async () => expect(await loadsOf(tenant)).toEqual({ boris: 1, olim: 4, vera: 1 }));
});

it('a chat that somebody has keeps its user; one of nobody gets one when its client writes again', async () => {
  const { tenant, bot } = await withAgents('off');
  const from = newTelegramUser();
  await tenant.receive(bot, { from, text: 'One' });
  const { id } = first(await tenant.chats('?assigneeId=none'));
  expect(await tenant.chats('?assigneeId=none&status=open')).toHaveLength(1);
  const events = await eventually(async () => {
    const all = await received(tenant);
    expect(all).toHaveLength(1);
    return all;
  });
  await assignChats(newAct({ tenant: tenant.id }), events);
  expect(await settled(tenant, 0)).toMatchObject([{ assigneeId: null, version: 1 }]);
  await tenant.admin.put(`/crm/chats/${id}`, { status: 'resolved', assigneeId: 'vera' });
  await tenant.receive(bot, { from, text: 'Two' });
  expect(await settled(tenant, 1)).toMatchObject([{ assigneeId: UserIdSchema.parse('vera'), status: 'open' }]);
});
