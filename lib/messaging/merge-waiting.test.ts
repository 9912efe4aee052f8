import { addClient, newAct, newChannelId, outboundMessage } from '../../test/support/builders.ts';
import { merge } from '../../test/support/merges.ts';
import { newPhone } from '../../test/support/random.ts';
import type { MessageRecord } from '../domain/message.ts';
import { holdPlace } from '../table/chat-entry.ts';
import { findChat, getChat } from '../table/chats.ts';
import { insertMessage, replaceMessage } from '../table/messages.ts';
import { commit } from '../table/transaction.ts';
import { findAhead } from './waiting.ts';

const channelId = newChannelId();

/** A message that waits outside the queue in a chat that was absorbed since, and the chat that goes on. */
const setScene = async () => {
  const act = newAct();
  const survivor = await addClient(act, { phone: newPhone() });
  const absorbed = await addClient(act, { phone: newPhone() });
  const held = outboundMessage(act, absorbed.id, { channelId });
  await commit(act.tenant, [insertMessage(act.tenant, held), holdPlace(act.tenant, held)]);
  await merge(act, survivor.id, absorbed.id);
  const ahead = async (message: MessageRecord) =>
    (await findAhead(act, await getChat(act.tenant, survivor.id), message))?.id;
  return { act, survivor, absorbed, held, ahead };
};

describe('a message that waits outside the queue when its client is merged', () => {
  it('is not overtaken by what is written to the survivor on the same channel', async () => {
    const { act, survivor, held, ahead } = await setScene();
    expect(await ahead(outboundMessage(act, survivor.id, { channelId }))).toBe(held.id);
    expect(await ahead(outboundMessage(act, survivor.id))).toBeUndefined();
  });

  it('holds nobody up once it is sent, and gives its place up', async () => {
    const { act, survivor, absorbed, held, ahead } = await setScene();
    await commit(act.tenant, [replaceMessage(act.tenant, held, { ...held, status: 'sent', dueAt: null })]);
    expect(await ahead(outboundMessage(act, survivor.id, { channelId }))).toBeUndefined();
    expect((await findChat(act.tenant, absorbed.id))?.held.size).toBe(0);
  });
});
