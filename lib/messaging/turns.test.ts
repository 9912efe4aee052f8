import { secondsAfter } from '../domain/act.ts';
import type { ChannelRecord } from '../domain/channel.ts';
import type { MessageRecord } from '../domain/message.ts';
import { findMessage, insertMessage } from '../table/messages.ts';
import { commit } from '../table/transaction.ts';
import { addClient, buildChannel, newAct, outboundMessage } from '../../test/support/builders.ts';
import { awaitTurn } from './turns.ts';

const NOW = new Date('2030-01-01T00:00:00.000Z');

/** A tenant whose number carries one message a second, at a moment that does not pass. */
const open = async () => {
  const act = newAct({ now: () => NOW });
  const channel = await buildChannel(act, { messagesPerSecond: 1 });
  const { id: chatId } = await addClient(act);
  const write = async (changes: Partial<MessageRecord> = {}): Promise<MessageRecord> => {
    const message = outboundMessage(act, chatId, { channelId: channel.id, ...changes });
    await commit(act.tenant, [insertMessage(act.tenant, message)]);
    return message;
  };
  return { act, channel, write };
};

const waitOf = (handled: Awaited<ReturnType<typeof awaitTurn>>): number =>
  handled === undefined ? 0 : handled.done ? Number.POSITIVE_INFINITY : handled.waitSeconds;

const flood = async (
  { act, channel, write }: Awaited<ReturnType<typeof open>>,
  count: number,
  lane: MessageRecord['lane'],
) => {
  const messages = await Promise.all(Array.from({ length: count }, () => write({ lane })));
  const waits = await Promise.all(messages.map(async (message) => waitOf(await awaitTurn(act, message, channel))));
  return { messages, waits: waits.toSorted((one, other) => one - other) };
};

describe('the turns of a channel', () => {
  it('come one after the other, and a wait that is long is one outside the queue', async () => {
    const scene = await open();
    const { waits } = await flood(scene, 40, 'conversation');
    // The second one is waited for by its sender. The queue holds what goes within twenty seconds.
    expect(waits.slice(0, 4)).toEqual([0, 0, 2, 3]);
    expect(waits.filter((wait) => wait === Number.POSITIVE_INFINITY)).toHaveLength(19);
  });

  it('are kept while they are waited for', async () => {
    const scene = await open();
    const { act, channel, write } = scene;
    await flood(scene, 5, 'conversation');
    const message = await write();
    expect(waitOf(await awaitTurn(act, message, channel))).toBe(5);
    const kept = await findMessage(act.tenant, message.chatId, message.id);
    expect(kept?.delivery?.turnAt).toBe(secondsAfter(NOW, 5));
    if (kept === undefined) throw new Error('It is gone.');
    const inTime = { ...act, now: () => new Date(NOW.getTime() + 5_000) };
    expect(await awaitTurn(inTime, kept, channel)).toBeUndefined();
    expect(waitOf(await awaitTurn(act, kept, channel))).toBe(5);
  });

  it('of one tenant are nothing to another', async () => {
    const [flooded, other] = [await open(), await open()];
    await flood(flooded, 30, 'conversation');
    expect(await awaitTurn(other.act, await other.write(), other.channel)).toBeUndefined();
  });

  it('of a campaign take half of what the channel carries, and delay a conversation by one message at most', async () => {
    const scene = await open();
    const { act, channel, write } = scene;
    const { waits } = await flood(scene, 30, 'bulk');
    expect(waits.slice(0, 4)).toEqual([0, 2, 4, 6]);
    expect(waitOf(await awaitTurn(act, await write(), channel))).toBeLessThanOrEqual(1);
    // While conversations wait, no bulk message goes.
    await flood(scene, 10, 'conversation');
    const later = { ...act, now: () => new Date(NOW.getTime() + 6_000) };
    const bulk = await write({ lane: 'bulk' });
    const due: MessageRecord = {
      ...bulk,
      delivery: bulk.delivery && { ...bulk.delivery, turnAt: secondsAfter(NOW, 6) },
    };
    expect(waitOf(await awaitTurn(later, due, channel))).toBeGreaterThanOrEqual(5);
  });

  it('are as many as a Telegram bot may take, and no more in any second', async () => {
    const act = newAct({ now: () => NOW });
    const channel: ChannelRecord = await buildChannel(act, { transport: 'telegram', provider: 'telegram' });
    const { id: chatId } = await addClient(act);
    const messages = Array.from({ length: 70 }, () => outboundMessage(act, chatId, { channelId: channel.id }));
    const waits = await Promise.all(messages.map(async (message) => waitOf(await awaitTurn(act, message, channel))));
    expect(waits.filter((wait) => wait === 0).length).toBeLessThanOrEqual(31);
  });
});
