import { SettingsSchema } from '../lib/contract/settings.ts';
import { first, read } from './support/answers.ts';
import { eventually } from './support/client.ts';
import { newTelegramUser } from './support/random.ts';
import { openTenant } from './support/tenant.ts';

it('a chat that nobody has is given, when its client writes, to who is there and not away', async () => {
  const tenant = await openTenant();
  read(await tenant.admin.put('/crm/settings', { assignment: 'round-robin' }), 200, SettingsSchema);
  expect((await tenant.admin.put('/crm/users/me', { availability: 'away' })).status).toBe(200);
  const [bot, from] = [await tenant.connectTelegram(), newTelegramUser()];
  await tenant.receive(bot, { from, text: 'Is anybody there?' });
  expect(await tenant.chats('?assigneeId=none')).toHaveLength(1);
  await (await tenant.as('agent', 'boris')).get('/crm/chats');
  await tenant.receive(bot, { from, text: 'Now?' });
  await eventually(async () => expect(await tenant.chats('?assigneeId=boris')).toHaveLength(1));
  const { id } = first(await tenant.chats('?assigneeId=boris'));
  expect(await tenant.chats('?assigneeId=none')).toEqual([]);
  expect(await tenant.chat(id)).toMatchObject({ assigneeId: 'boris', version: 2 });
});
