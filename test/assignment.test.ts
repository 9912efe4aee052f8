import { SettingsSchema } from '../lib/contract/settings.ts';
import { first, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { newTelegramUser } from './support/random.ts';
import { openTenant } from './support/tenant.ts';

it('a chat that nobody has is given to the agent who is there, as soon as there is one', async () => {
  const tenant = await openTenant();
  const isGiven = (id: string, assigneeId: string) =>
    eventually(async () => expect(await tenant.chat(id)).toMatchObject({ assigneeId, version: 2 }), 15_000);
  read(await tenant.admin.put('/crm/settings', { assignment: 'round-robin' }), 200, SettingsSchema);
  const boris = await tenant.as('agent', 'boris');
  const be = async (availability: string): Promise<void> => {
    expect((await boris.put('/crm/users/me', { availability })).status).toBe(200);
  };
  await be('away');
  const bot = await tenant.connectTelegram();
  await tenant.receive(bot, { from: newTelegramUser(), text: 'Is anybody there?' });
  const { id } = first(await tenant.chats('?assigneeId=none'));
  await be('available');
  await isGiven(id, 'boris');
  expect(await tenant.chats('?assigneeId=none')).toEqual([]);
  await tenant.receive(bot, { from: newTelegramUser(), text: 'And now?' });
  const next = first(await tenant.chats());
  await isGiven(next.id, 'boris');
  expect((await tenant.chats('?assigneeId=boris')).map((chat) => chat.id)).toEqual([next.id, id]);
}, 45_000);
