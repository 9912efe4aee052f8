import { newAct, newArrival, newMessageId } from '../../test/support/builders.ts';
import { newPhone } from '../../test/support/random.ts';
import type { Act } from '../domain/act.ts';
import { receivedMessage } from '../domain/message.ts';
import { receive } from '../messaging/receive.ts';
import { enterInbound, holdPlace } from './chat-entry.ts';
import { listChats } from './chat-lists.ts';
import { findChat, getChat, hideChat, showChat } from './chats.ts';
import { findHolder } from './identities.ts';
import { commit, Raced } from './transaction.ts';

const writeFrom = async (act: Act, address: string) => {
  const arrival = newArrival({ from: { address, firstName: 'Ana' } });
  await receive(act, arrival);
  const id = await findHolder(act.tenant, { kind: 'tel', value: address });
  if (id === undefined) throw new Error('Nobody wrote.');
  return { id, channelId: arrival.channelId };
};

it('a message that was made before the latest one does not take its place', async () => {
  const act = newAct();
  const address = newPhone();
  const { id, channelId } = await writeFrom(act, address);
  const older = receivedMessage(act, id, {
    transport: 'sms',
    channelId,
    sender: { type: 'sms', id: null, name: 'Ana', address, handle: null },
    text: 'Late',
    media: [],
    providerMessageId: act.newId(),
    providerTime: null,
    editOf: null,
  });
  await writeFrom(act, address);
  const before = await getChat(act.tenant, id);
  const entering = commit(act.tenant, [enterInbound(act.tenant, older, { channelId, address })]);
  await expect(entering).rejects.toBeInstanceOf(Raced);
  expect(await getChat(act.tenant, id)).toEqual(before);
});

it('a chat that is shown again stands where it was, and has forgotten nobody who waits', async () => {
  const act = newAct();
  const { id } = await writeFrom(act, newPhone());
  await commit(act.tenant, [hideChat(act.tenant, id)]);
  const hidden = await findChat(act.tenant, id);
  if (hidden === undefined) throw new Error('The chat is gone.');
  expect((await listChats(act.tenant, { unread: true }, { limit: 10 })).items).toEqual([]);
  const waiting = newMessageId();
  await commit(act.tenant, [holdPlace(act.tenant, { chatId: id, id: waiting })]);
  await commit(act.tenant, [showChat(act.tenant, hidden)]);
  expect([...(await getChat(act.tenant, id)).held]).toEqual([waiting]);
  for (const unread of [true, false]) {
    const { items } = await listChats(act.tenant, { unread }, { limit: 10 });
    expect(items.map((chat) => chat.id)).toEqual([id]);
  }
});
